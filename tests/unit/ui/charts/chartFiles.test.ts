import { describe, expect, it } from "vitest";
import { chartCsv, chartJson, tableRows } from "../../../../src/ui/charts/chartFiles.ts";
import { longSeries, seriesOf } from "./exampleSeries.ts";

const LOSS = seriesOf([1, 2, 3], [0.5, Number.NaN, 0.1]);
const VALIDATION = seriesOf([2, 4], [0.25, 0.125], { key: "validation", name: "validation" });

describe("a chart as CSV", () => {
  it("has a row for each step of any series, and an empty field where there is no value", () => {
    expect(chartCsv([LOSS, VALIDATION], "step").split("\r\n")).toEqual([
      "step,loss,validation",
      "1,0.5,",
      "2,,0.25",
      "3,0.1,",
      "4,,0.125",
      "",
    ]);
  });

  it("names the x axis where it is not the step", () => {
    const timed = { ...LOSS, xs: [20, 40, 60] };
    expect(chartCsv([timed], "time").split("\r\n").slice(0, 2)).toEqual([
      "step,time_ms,loss",
      "1,20,0.5",
    ]);
  });

  it("has every point of a long series", () => {
    const csv = chartCsv([longSeries(5000, (step) => 1 / step)], "step");
    const values = csv
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => Number(line.split(",")[1]));
    expect(values).toEqual(Array.from({ length: 5000 }, (_, i) => 1 / (i + 1)));
  });
});

describe("a chart as JSON", () => {
  it("has the same numbers, null for what is none", () => {
    expect(JSON.parse(chartJson("Loss", [LOSS, VALIDATION], "step"))).toEqual({
      title: "Loss",
      series: [
        { key: "loss", name: "loss", step: [1, 2, 3], value: [0.5, null, 0.1] },
        { key: "validation", name: "validation", step: [2, 4], value: [0.25, 0.125] },
      ],
    });
  });
});

describe("a chart as a table", () => {
  it("has for each step the newest value of each series", () => {
    expect(tableRows([LOSS, VALIDATION], 50)).toEqual([
      { step: 1, values: [0.5, null] },
      { step: 2, values: [0.5, 0.25] },
      { step: 3, values: [0.1, 0.25] },
      { step: 4, values: [0.1, 0.125] },
    ]);
  });

  it("is of evenly spread steps where there are many, from the first to the last", () => {
    const rows = tableRows([longSeries(9801, (step) => step)], 50);
    expect(rows).toHaveLength(50);
    expect([rows[0]?.step, rows[1]?.step, rows.at(-1)?.step]).toEqual([1, 201, 9801]);
  });

  it("is empty without points", () => {
    expect(tableRows([], 50)).toEqual([]);
  });
});
