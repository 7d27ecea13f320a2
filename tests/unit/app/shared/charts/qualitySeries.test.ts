import { describe, expect, it } from "vitest";
import { chartSeries, runAxis } from "../../../../../src/app/shared/charts/series/runSeries.ts";
import { qualityFigures } from "../../../engine/train/exampleHistory.ts";
import { chartNamed, epochOf, runOfLosses } from "./exampleRun.ts";

const epochs = [
  epochOf(1),
  epochOf(2, { quality: qualityFigures({ meanConfidence: 0.6, shareConfident: 0.25 }) }),
  epochOf(3),
  epochOf(4, { quality: qualityFigures({ meanConfidence: 0.9, frechetDistance: 7 }) }),
];
const run = runOfLosses(new Array<number>(40).fill(1), { epochs });

const seriesOf = (chart: string, numEpochs: number) => {
  const measured = { ...run, epochs: epochs.slice(0, numEpochs) };
  const drawing = { run: measured, axis: runAxis(measured, "epoch"), smoothing: 0.9 };
  return chartSeries(chartNamed(chart), drawing);
};

describe("the series of what was measured", () => {
  it("have a point at the last step of each measured epoch, and none at the others", () => {
    expect(seriesOf("quality", 4)).toMatchObject([
      { key: "meanConfidence", name: "mean confidence", steps: [20, 40], values: [0.6, 0.9] },
      { key: "shareConfident", name: "share above 0.9", xs: [2, 4], values: [0.25, 0.5] },
      // 1.5 of log2 10 bits.
      { key: "classSpread", values: [expect.closeTo(0.4515, 4), expect.closeTo(0.4515, 4)] },
    ]);
    expect(seriesOf("frechetDistance", 4)).toMatchObject([
      { key: "frechetDistance", style: "dots", values: [12.5, 7] },
    ]);
  });

  it("have the share read as asked only of a run that was asked for digits", () => {
    const keys = (changes: object) => {
      const quality = { ...qualityFigures(), ...changes };
      const measured = { ...run, epochs: [epochOf(1), epochOf(2, { quality })] };
      const drawing = { run: measured, axis: runAxis(measured, "epoch"), smoothing: 0.9 };
      return chartSeries(chartNamed("quality"), drawing).map(({ key, values }) => [key, values]);
    };
    expect(keys({ readAsAsked: 0.75 })).toContainEqual(["readAsAsked", [0.75]]);
    expect(keys({}).map(([key]) => key)).not.toContain("readAsAsked");
  });

  it("have no points before the first", () => {
    expect(seriesOf("quality", 1).map(({ steps }) => steps)).toEqual([[], [], []]);
  });
});
