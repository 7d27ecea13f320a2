import { describe, expect, it } from "vitest";
import { chartCsv, chartJson, tableRows } from "../../../../../src/app/shared/charts/chartFiles.ts";
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

  it("has the x axis of each run where runs differ, once for the series of a run", () => {
    const a = { ...LOSS, key: "A", xs: [20, 40, 60] };
    const b = { ...LOSS, key: "B", xs: [7, 8, 9] };
    const bToo = { ...VALIDATION, xs: [8, 10] };
    expect(chartCsv([a, b, bToo], "time").split("\r\n")).toEqual([
      "step,time_ms,A,B time_ms,B,validation",
      "1,20,0.5,7,0.5,",
      "2,40,,8,,0.25",
      "3,60,0.1,9,0.1,",
      "4,,,10,,0.125",
      "",
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
  const eachStep = longSeries(9801, (step) => 1 / step);
  const ofEpochs = seriesOf([200, 400, 9800], [0.5, Number.NaN, 0.25], { style: "dots" });

  it("has at each step the values of this very step", () => {
    expect(tableRows([LOSS, { ...VALIDATION, style: "dots" }], 50)).toEqual([
      { step: 1, x: 1, values: [0.5, null] },
      { step: 2, x: 2, values: [null, 0.25] },
      { step: 3, x: 3, values: [0.1, null] },
      { step: 4, x: 4, values: [null, 0.125] },
    ]);
  });

  it("has of many steps some, evenly spread from the first to the last", () => {
    const rows = tableRows([eachStep], 50);
    expect(rows).toHaveLength(50);
    expect([rows[0]?.step, rows[1]?.step, rows.at(-1)?.step]).toEqual([1, 201, 9801]);
  });

  it("has every epoch once, also those between the steps that it has", () => {
    const rows = tableRows([eachStep, ofEpochs], 50);
    const withEpoch = rows.filter(({ values }) => values[1] !== null);
    expect(withEpoch.map(({ step, values }) => [step, values[1]])).toEqual([
      [200, 0.5],
      [9800, 0.25],
    ]);
    expect(rows.map(({ step }) => step)).toContain(400);
    expect(rows).toHaveLength(53);
  });

  it("has every epoch of the assignment", () => {
    const steps = Array.from({ length: 100 }, (_, i) => 469 * (i + 1));
    expect(tableRows([seriesOf(steps, steps, { key: "reference" })], 50)).toHaveLength(100);
  });

  it("says where a step is on the x axis", () => {
    const timed = { ...LOSS, xs: [20, 40, Number.NaN] };
    expect(tableRows([timed], 50).map(({ x }) => x)).toEqual([20, 40, Number.NaN]);
  });

  it("does not say where on the x axis a step is that runs have at different times", () => {
    const runs = [
      { ...LOSS, xs: [20, 40, 60] },
      { ...LOSS, key: "B", xs: [7, 8, 9] },
    ];
    expect(tableRows(runs, 50).every(({ x }) => Number.isNaN(x))).toBe(true);
  });

  it("is empty without points", () => {
    expect(tableRows([], 50)).toEqual([]);
  });
});
