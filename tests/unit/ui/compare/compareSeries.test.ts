import { describe, expect, it } from "vitest";
import { presetConfig } from "../../../../src/config/presets.ts";
import type { ComparedRun } from "../../../../src/store/comparison.ts";
import { compareSeries } from "../../../../src/ui/compare/compareSeries.ts";

function run(runId: string, losses: number[]): ComparedRun {
  const figures = { gradNorm: 2, learningRate: 1e-3, stepMs: 10 };
  return {
    ...{ runId, name: `Run ${runId}`, config: presetConfig("tiny"), datasetName: "MNIST" },
    ...{ startedFrom: null, numParameters: 1234, stepsPerEpoch: 2, snapshots: [] },
    steps: losses.map((loss, i) => ({ ...figures, step: i + 1, loss, wallTimeMs: 10 * (i + 1) })),
    epochs: [
      {
        ...{ epoch: 1, step: 2, trainLoss: 0.5, validationLoss: 0.4, bucketLosses: [] },
        wallTimeMs: 25,
      },
    ],
  };
}

const runs = [run("a", [1, 0.5, 0.25]), run("b", [0.8])];

describe("the curves of several runs", () => {
  it("are each run's losses, in its own colour, training and validation in the same", () => {
    const series = compareSeries(runs, { figure: "loss", x: "step", smoothing: 0 });
    expect(series.map(({ name, values }) => [name, values])).toEqual([
      ["Run a, training", [1, 0.5, 0.25]],
      ["Run a, validation", [0.4]],
      ["Run b, training", [0.8]],
      ["Run b, validation", [0.4]],
    ]);
    const [a, aValidation, b] = series.map(({ colour }) => colour);
    expect(aValidation).toBe(a);
    expect(b).not.toBe(a);
  });

  it("have keys of their own, as many as there are runs", () => {
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((id) => run(id, [1]));
    const series = compareSeries(many, { figure: "gradNorm", x: "step", smoothing: 0 });
    expect(new Set(series.map(({ key }) => key)).size).toBe(7);
    // The seventh has the first one's colour again, but not its line.
    expect(series[6]).toMatchObject({ colour: series[0]?.colour, style: "dashed" });
  });

  it("lie over steps, epochs or time", () => {
    const xsOf = (x: "step" | "epoch" | "time") =>
      compareSeries(runs, { figure: "loss", x, smoothing: 0 })[0]?.xs;
    expect(xsOf("step")).toEqual([1, 2, 3]);
    expect(xsOf("epoch")).toEqual([0.5, 1, 1.5]);
    expect(xsOf("time")).toEqual([10, 20, 30]);
  });

  it("are smoothed, but for the learning rate, which is no noise", () => {
    const valuesOf = (figure: "loss" | "learningRate") =>
      compareSeries(runs, { figure, x: "step", smoothing: 0.5 })[0]?.values;
    expect(valuesOf("loss")?.[1]).toBeCloseTo((0.25 * 1 + 0.5 * 0.5) / 0.75, 12);
    expect(valuesOf("learningRate")).toEqual([1e-3, 1e-3, 1e-3]);
  });
});
