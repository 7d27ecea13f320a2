import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCsv } from "../../../../src/engine/formats/csv.ts";

/** Fields by row, of a table without quotes. */
function fieldsOf(csv: string): string[][] {
  expect(csv.endsWith("\r\n")).toBe(true);
  return csv
    .slice(0, -2)
    .split("\r\n")
    .map((line) => line.split(","));
}

describe("a table as CSV", () => {
  it("is a line of names and a line for each row, each with CRLF at its end", () => {
    const csv = encodeCsv([
      { name: "step", values: [1, 2] },
      { name: "loss", values: [0.5, 1e-7] },
    ]);
    expect(csv).toBe("step,loss\r\n1,0.5\r\n2,1e-7\r\n");
  });

  it("tells after each row how many of all are done", () => {
    const fractions: number[] = [];
    encodeCsv([{ name: "step", values: [1, 2, 3, 4] }], (fraction) => fractions.push(fraction));
    expect(fractions).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it("is a line of names when there are no rows", () => {
    const columns = ["a", "b"].map((name) => ({ name, values: [] }));
    expect(encodeCsv(columns)).toBe("a,b\r\n");
  });

  it("has an empty field for NaN", () => {
    const columns = [[1], [Number.NaN], [3]].map((values, i) => ({ name: `c${i}`, values }));
    expect(encodeCsv(columns)).toBe("c0,c1,c2\r\n1,,3\r\n");
  });

  it("gives back every number exactly, negative zero and infinity too", () => {
    const row = fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }));
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const csv = encodeCsv([
          { name: "a", values: rows.map(([a]) => a) },
          { name: "b", values: rows.map(([, b]) => b) },
        ]);
        const [names, ...read] = fieldsOf(csv);
        expect(names).toEqual(["a", "b"]);
        expect(read.map((fields) => fields.map(Number))).toEqual(rows);
      }),
      { examples: [[[[-0, Number.NEGATIVE_INFINITY]]]] },
    );
  });

  it("has names in quotes where they would end a field or a line", () => {
    const names = ["plain", "a, b", 'the "loss"', "two\nlines"];
    expect(encodeCsv(names.map((name) => ({ name, values: [] })))).toBe(
      'plain,"a, b","the ""loss""","two\nlines"\r\n',
    );
  });
});
