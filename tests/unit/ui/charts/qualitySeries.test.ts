import { describe, expect, it } from "vitest";
import { qualitySeries } from "../../../../src/ui/charts/qualitySeries.ts";
import { runAxis } from "../../../../src/ui/charts/runAxis.ts";
import { qualityFigures } from "../../train/exampleHistory.ts";
import { epochOf, runOfLosses } from "./exampleRun.ts";

const epochs = [
  epochOf(1),
  epochOf(2, { quality: qualityFigures({ meanConfidence: 0.6, shareConfident: 0.25 }) }),
  epochOf(3),
  epochOf(4, { quality: qualityFigures({ meanConfidence: 0.9, frechetDistance: 7 }) }),
];
const run = runOfLosses(new Array<number>(40).fill(1), { epochs });

describe("the series of what was measured", () => {
  it("have a point at the last step of each measured epoch, and none at the others", () => {
    const axis = runAxis(run, "epoch");
    expect(qualitySeries("quality", { epochs, axis })).toMatchObject([
      { key: "meanConfidence", name: "mean confidence", steps: [20, 40], values: [0.6, 0.9] },
      { key: "shareConfident", name: "share above 0.9", xs: [2, 4], values: [0.25, 0.5] },
      // 1.5 of log2 10 bits.
      { key: "classSpread", values: [expect.closeTo(0.4515, 4), expect.closeTo(0.4515, 4)] },
    ]);
    expect(qualitySeries("frechetDistance", { epochs, axis })).toMatchObject([
      { key: "frechetDistance", style: "dots", values: [12.5, 7] },
    ]);
  });

  it("have no points before the first", () => {
    const none = { epochs: epochs.slice(0, 1), axis: runAxis(run, "step") };
    expect(qualitySeries("quality", none).map(({ steps }) => steps)).toEqual([[], [], []]);
  });
});
