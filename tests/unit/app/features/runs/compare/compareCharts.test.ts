import { describe, expect, it } from "vitest";
import {
  compareSeries,
  incomparableWords,
} from "../../../../../../src/app/features/runs/compare/CompareCharts.tsx";
import type { ComparedRun } from "../../../../../../src/app/features/runs/compare/comparedRuns.ts";
import { runStyle } from "../../../../../../src/app/features/runs/compare/RunSwatch.tsx";
import { wallTimeMs } from "../../../../../../src/app/shared/charts/series/runSeries.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import { qualityFigures } from "../../../../engine/train/exampleHistory.ts";
import { chartNamed } from "../../../shared/charts/exampleRun.ts";

function run(runId: string, losses: number[], place = 0): ComparedRun {
  const figures = { gradNorm: 2, learningRate: 1e-3, stepMs: 10 };
  return {
    runId,
    place,
    name: `Run ${runId}`,
    config: presetConfig("tiny"),
    dataset: { id: "mnist", name: "MNIST" },
    startedFrom: null,
    numParameters: 1234,
    stepsPerEpoch: 2,
    snapshots: [],
    steps: losses.map((loss, i) => ({ ...figures, step: i + 1, loss, wallTimeMs: 10 * (i + 1) })),
    epochs: [
      {
        epoch: 1,
        step: 2,
        trainLoss: 0.5,
        validationLoss: 0.4,
        bucketLosses: [],
        wallTimeMs: 25,
      },
    ],
  };
}

const runs = [run("a", [1, 0.5, 0.25]), run("b", [0.8], 1)];

describe("the curves of several runs", () => {
  it("are each run's losses, in its own color, training and validation in the same", () => {
    const series = compareSeries(runs, { chart: chartNamed("loss"), x: "step", smoothing: 0 });
    expect(series.map(({ name, values }) => [name, values])).toEqual([
      ["A Run a, training", [1, 0.5, 0.25]],
      ["A Run a, full validation", [0.4]],
      ["B Run b, training", [0.8]],
      ["B Run b, full validation", [0.4]],
    ]);
    const [a, aValidation, b] = series.map(({ color }) => color);
    expect(aValidation).toBe(a);
    expect(b).not.toBe(a);
  });

  it("have the live validation of a run that has no full one yet", () => {
    const [a, b] = runs as [ComparedRun, ComparedRun];
    const steps = a.steps.map((step) => (step.step === 2 ? { ...step, liveLoss: 0.6 } : step));
    const [young, older] = [
      { ...a, steps, epochs: [] },
      { ...b, steps },
    ];
    const drawing = { chart: chartNamed("loss"), x: "step", smoothing: 0 } as const;
    const validations = compareSeries([young, older], drawing).filter(
      ({ style }) => style === "dots",
    );
    expect(validations).toMatchObject([
      { name: "A Run a, live validation", steps: [2], values: [0.6] },
      { name: "B Run b, full validation", steps: [2], values: [0.4] },
    ]);
  });

  it("are what was measured of each, its confidence as a line, and none of a run that was not", () => {
    const [a, b] = runs as [ComparedRun, ComparedRun];
    const epochs = a.epochs.map((epoch) => ({ ...epoch, quality: qualityFigures() }));
    const of = (figure: "quality" | "frechetDistance") =>
      compareSeries([{ ...a, epochs }, b], {
        chart: chartNamed(figure),
        x: "epoch",
        smoothing: 0.9,
      });
    expect(of("quality")).toMatchObject([
      { name: "A Run a, mean confidence", style: "line", xs: [1], values: [0.75] },
      { name: "A Run a, share above 0.9", style: "dots", xs: [1], values: [0.5] },
    ]);
    expect(of("frechetDistance").map(({ values }) => values)).toEqual([[12.5]]);
  });

  it("have keys of their own, as many as there are runs", () => {
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((id, i) => run(id, [1], i));
    const series = compareSeries(many, {
      chart: chartNamed("gradientNorm"),
      x: "step",
      smoothing: 0,
    });
    expect(new Set(series.map(({ key }) => key)).size).toBe(7);
    // The seventh has the first one's color again, but not its line.
    expect(series[6]).toMatchObject({ color: series[0]?.color, style: "dashed" });
  });

  it("lie over steps, epochs or time", () => {
    const xsOf = (x: "step" | "epoch" | "time") =>
      compareSeries(runs, { chart: chartNamed("loss"), x, smoothing: 0 })[0]?.xs;
    expect(xsOf("step")).toEqual([1, 2, 3]);
    expect(xsOf("epoch")).toEqual([0.5, 1, 1.5]);
    expect(xsOf("time")).toEqual([10, 20, 30]);
  });

  it("have their letters, also where two have one name", () => {
    const same = [run("a", [1]), { ...run("b", [1], 1), name: "Run a" }];
    const series = compareSeries(same, { chart: chartNamed("stepMs"), x: "step", smoothing: 0 });
    expect(series.map(({ name }) => name)).toEqual(["A Run a", "B Run a"]);
    expect(new Set(series.map(({ key }) => key)).size).toBe(2);
  });

  it("say that they are smoothed, where they are", () => {
    const namesOf = (figure: "loss" | "gradientNorm" | "learningRate") =>
      compareSeries([run("a", [1])], { chart: chartNamed(figure), x: "step", smoothing: 0.5 }).map(
        ({ name }) => name,
      );
    expect(namesOf("loss")).toEqual(["A Run a, training, smoothed", "A Run a, full validation"]);
    expect(namesOf("gradientNorm")).toEqual(["A Run a, smoothed"]);
    expect(namesOf("learningRate")).toEqual(["A Run a"]);
  });

  it("keep color and letter while another run is still being read", () => {
    const [series] = compareSeries([run("b", [1], 1)], {
      chart: chartNamed("stepMs"),
      x: "step",
      smoothing: 0,
    });
    expect(series).toMatchObject({ name: "B Run b", color: "var(--run-2)" });
  });

  it("are smoothed alike as much as is chosen, but for the learning rate, which is no noise", () => {
    const long = [run("a", [1, 0.5, 0.25]), run("b", [8, 4, 2], 1)];
    const valuesOf = (figure: "loss" | "learningRate", smoothing: number) =>
      compareSeries(long, { chart: chartNamed(figure), x: "step", smoothing })
        .filter(({ style }) => style !== "dots")
        .map(({ values }) => values);
    expect(valuesOf("loss", 0)).toEqual([
      [1, 0.5, 0.25],
      [8, 4, 2],
    ]);
    // It is the mean of the steps so far, of which each counts half as much as the next.
    const means = [1, (0.25 + 0.25) / 0.75, (0.125 + 0.125 + 0.125) / 0.875];
    const [a, b] = valuesOf("loss", 0.5);
    for (const [i, mean] of means.entries()) {
      expect(a?.[i]).toBeCloseTo(mean, 12);
      expect(b?.[i]).toBeCloseTo(8 * mean, 12);
    }
    const rates = [1e-3, 1e-3, 1e-3];
    expect(valuesOf("learningRate", 0.5)).toEqual([rates, rates]);
  });

  it("have the color and the letter of the place that a run has now, whatever it had before", () => {
    const at = (place: number) =>
      compareSeries([run("a", [1], place)], {
        chart: chartNamed("stepMs"),
        x: "step",
        smoothing: 0,
      });
    expect(at(1)).toMatchObject([{ name: "B Run a", color: runStyle(1).color, style: "dashed" }]);
    expect(at(0)).toMatchObject([{ name: "A Run a", color: runStyle(0).color, style: "line" }]);
  });
});

describe("the letters of runs", () => {
  it("are those of the alphabet, then numbered", () => {
    expect([0, 1, 25, 26, 52].map((place) => runStyle(place).letter)).toEqual([
      ...["A", "B", "Z", "A2", "A3"],
    ]);
  });
});

describe("the wall time of a run", () => {
  it("is from the beginning of the first step to the last report", () => {
    // Steps of 10 ms end at 10, 20 and 30 ms, the validation at 25 ms.
    expect(wallTimeMs(run("a", [1, 1, 1]))).toBe(30);
    expect(wallTimeMs(run("a", [1, 1]))).toBe(25);
    expect(wallTimeMs({ ...run("a", []), epochs: [] })).toBe(0);
  });
});

describe("losses that can't be compared", () => {
  const [a, b] = runs as [ComparedRun, ComparedRun];
  const withConfig = (changes: Partial<ComparedRun["config"]>) => ({
    ...b,
    config: { ...b.config, ...changes },
  });

  it.each<[string, ComparedRun, RegExp | null]>([
    ["of the same settings", b, null],
    ["with another learning rate and seed", withConfig({ learningRate: 0.5, seed: 7 }), null],
    [
      "with another objective",
      withConfig({ objective: "x0" }),
      /^Losses with different Objective can't/,
    ],
    [
      "without a noise schedule",
      withConfig({ objective: "flow" }),
      /^Losses with different Objective can't/,
    ],
    ["of other images", { ...b, dataset: { id: "mine", name: "Mine" } }, /different Images can't/],
  ])("are told: %s", (_, other, words) => {
    const told = incomparableWords([a, other]);
    if (words) expect(told).toMatch(words);
    else expect(told).toBeNull();
  });
});
