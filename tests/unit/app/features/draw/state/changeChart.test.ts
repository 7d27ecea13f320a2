import { describe, expect, it } from "vitest";
import {
  changePlot,
  changesCsv,
  changesJson,
} from "../../../../../../src/app/features/draw/state/changeChart.ts";

const changes = [
  { t: 499, level: 0.5, change: 4 },
  { t: -1, level: 0, change: 7.5 },
];

describe("the chart of changes", () => {
  it("goes from noise on the left to the digit on the right, and up to a round number", () => {
    const plot = changePlot([{ side: "a", changes }], 1);
    expect(plot?.yTicks).toEqual([0, 2, 4, 6, 8]);
    expect(plot?.curves.map(({ points }) => points)).toEqual([
      [
        { x: 0.5, y: 4 },
        { x: 1, y: 7.5 },
      ],
    ]);
    expect([plot?.x(0), plot?.x(1)]).toEqual([0, 1]);
  });

  it("begins with as much noise as the generation", () => {
    const plot = changePlot([{ side: "a", changes }], 0.5);
    expect([0.5, 0.75, 1].map((noiseTaken) => plot?.x(noiseTaken))).toEqual([0, 0.5, 1]);
  });

  it("is empty before there is any change", () => {
    expect(changePlot([{ side: "a", changes: [] }], 1)).toBeNull();
  });

  it("tells two sides apart by name, color and line", () => {
    const both = (["a", "b"] as const).map((side) => ({ side, changes }));
    expect(changePlot(both, 1)?.series).toMatchObject([
      { name: "A", color: "var(--run-1)", style: "line" },
      { name: "B", color: "var(--run-2)", style: "dashed" },
    ]);
  });
});

describe("the files of the changes", () => {
  const b = [{ t: -1, level: 0, change: 2 }];

  it("have a row for each step, and a column for each side", () => {
    expect(changesCsv([{ side: "a", changes }])).toBe("step,t,change\r\n1,499,4\r\n2,-1,7.5\r\n");
    const both = [
      { side: "a", changes },
      { side: "b", changes: b },
    ] as const;
    expect(changesCsv(both)).toBe(
      "step,t,change_a,change_b\r\n1,499,4,\r\n2,-1,7.5,\r\n1,-1,,2\r\n",
    );
    expect(JSON.parse(changesJson(both)).series).toEqual([
      {
        side: "a",
        steps: [
          { step: 1, t: 499, change: 4 },
          { step: 2, t: -1, change: 7.5 },
        ],
      },
      { side: "b", steps: [{ step: 1, t: -1, change: 2 }] },
    ]);
  });
});
