import { describe, expect, it } from "vitest";
import { ASSIGNMENT_VALIDATION_LOSS } from "../../../../../../src/app/shared/charts/series/assignmentRun.ts";
import {
  blockSeries,
  bucketSeries,
  classSeries,
  layerSeries,
} from "../../../../../../src/app/shared/charts/series/groupSeries.ts";
import {
  assignmentAlone,
  chartSeries,
  lossSeries,
  runAxis,
} from "../../../../../../src/app/shared/charts/series/runSeries.ts";
import type { Series } from "../../../../../../src/app/shared/plot/series.ts";
import type { XKind } from "../../../../../../src/app/state/slices/chartOptions.ts";
import type { Run } from "../../../../../../src/app/state/slices/run.ts";
import { layersOf } from "../../../../../../src/engine/nn/layerNorms.ts";
import { inOrder, unetBlocks } from "../../../../../../src/engine/nn/unetBlocks.ts";
import { chartNamed, epochOf, runOfLosses, START_MS } from "../exampleRun.ts";

const drawing = (run: Run, kind: XKind = "step", smoothing = 0.5) => ({
  run,
  axis: runAxis(run, kind),
  smoothing,
});
const named = (series: readonly Series[], key: string) => series.find((each) => each.key === key);

describe("the x axis of a run", () => {
  const run = runOfLosses(new Array(12).fill(1), { epochs: [epochOf(1)] });

  it("is the step itself", () => {
    expect(runAxis(run, "step").steps.xs.slice(0, 3)).toEqual([1, 2, 3]);
    expect(runAxis(run, "step").epochs).toEqual({ steps: [10], xs: [10] });
  });

  it("counts epochs by the part that is done", () => {
    expect(runAxis(run, "epoch").steps.xs.slice(0, 2)).toEqual([0.1, 0.2]);
    expect(runAxis(run, "epoch").epochs.xs).toEqual([1]);
  });

  it("is the time since the first step began, an epoch's that of its last step", () => {
    expect(runAxis(run, "time").steps.xs.slice(0, 2)).toEqual([20, 40]);
    expect(runAxis(run, "time").epochs.xs).toEqual([200]);
  });

  it("has pauses as long as they were, and never goes back with the clock", () => {
    const steps = run.steps.slice(0, 4).map((step, i) => ({
      ...step,
      wallTimeMs: START_MS + ([20, 3_600_000, 3_000_000, 3_600_050][i] as number),
    }));
    expect(runAxis({ ...run, steps }, "time").steps.xs).toEqual([
      20, 3_600_000, 3_600_000, 3_600_050,
    ]);
  });
});

describe("the series of the loss", () => {
  const run = runOfLosses([4, 2, 1], { epochs: [epochOf(1)] });

  it("are each step, its average, the epochs and, where it compares, the assignment's", () => {
    const series = lossSeries(drawing(run));
    expect(series.map(({ key }) => key)).toEqual([
      "reference",
      "loss",
      "smoothed",
      "train",
      "validation",
    ]);
    expect(named(series, "loss")?.values).toEqual([4, 2, 1]);
    const [first, second] = named(series, "smoothed")?.values ?? [];
    expect(first).toBe(4);
    expect(second).toBeCloseTo((4 * 0.5 + 2) / 1.5, 12);
    expect(named(series, "validation")).toMatchObject({ steps: [10], xs: [10], values: [0.4] });
  });

  it("have the assignment one epoch ahead, at this run's steps", () => {
    expect(named(lossSeries(drawing(run)), "reference")).toMatchObject({
      steps: [10, 20],
      xs: [10, 20],
      values: [0.055, 0.0474],
    });
    expect(named(lossSeries(drawing(run, "epoch")), "reference")?.xs).toEqual([1, 2]);
  });

  it("have two epochs of the assignment from the first step on: one would be a dot", () => {
    expect(named(lossSeries(drawing(runOfLosses([4]))), "reference")?.xs).toEqual([10, 20]);
  });

  it("have the assignment over time as far as this run has come, and not for one epoch", () => {
    const reference = (numSteps: number, epochs = [epochOf(1), epochOf(2)]) =>
      named(
        lossSeries(drawing(runOfLosses(new Array(numSteps).fill(1), { epochs }), "time")),
        "reference",
      );
    expect(reference(25)?.xs).toEqual([200, 400, Number.NaN]);
    expect(reference(15, [epochOf(1)])).toBeUndefined();
    expect(reference(5, [])).toBeUndefined();
  });

  it("are without the assignment where the settings are others", () => {
    const other = { ...run, config: { ...run.config, dim: 16 } };
    expect(named(lossSeries(drawing(other)), "reference")).toBeUndefined();
  });
});

describe("a chart of several noisy metrics", () => {
  it("has of each its steps and their average, by name", () => {
    const run = runOfLosses([4, 2, 1]);
    const steps = run.steps.map((step) => ({ ...step, gradNorm: 8 * step.loss }));
    const metrics = ["loss", "gradientNorm"].flatMap((key) => chartNamed(key).metrics[0] ?? []);
    const series = chartSeries({ metrics }, drawing({ ...run, steps }));
    expect(series.map(({ key, name }) => [key, name])).toEqual([
      ["loss", "each step"],
      ["smoothed", "smoothed"],
      ["gradientNorm", "gradient norm"],
      ["gradientNormSmoothed", "gradient norm, smoothed"],
    ]);
    const [losses, averages, norms, normAverages] = series.map(({ values }) => values);
    expect(averages).not.toEqual(losses);
    expect(norms).toEqual(losses?.map((loss) => 8 * loss));
    expect(normAverages).toEqual(averages?.map((average) => 8 * average));
  });
});

describe("live validations", () => {
  const live = { liveLoss: 0.7, bucketLosses: [0.9, 0.5] };
  const steps = runOfLosses([4, 2, 1]).steps.map((step) => {
    return step.step === 2 ? { ...step, ...live } : step;
  });
  const { config } = runOfLosses([], {});
  const run = runOfLosses([], { steps, config: { ...config, validateEvery: 2 } });

  it("are a line of their own in the loss, before the first epoch ends", () => {
    const series = lossSeries(drawing(run));
    expect(named(series, "live")).toMatchObject({ steps: [2], xs: [2], values: [0.7] });
    expect(named(series, "live")?.style).toBe("line");
    expect(named(series, "live")?.color).toBe(named(series, "validation")?.color);
    expect(named(series, "live")?.color).not.toBe(named(series, "loss")?.color);
  });

  it("are lines by timestep beside the epochs' points, in the same colors", () => {
    const epochs = [epochOf(1, { bucketLosses: [0.3, 0.2] })];
    const series = bucketSeries(drawing({ ...run, epochs }));
    expect(series.map(({ key, steps, values }) => [key, steps, values])).toEqual([
      ["t0 live", [2], [0.9]],
      ["t1 live", [2], [0.5]],
      ["t0", [10], [0.3]],
      ["t1", [10], [0.2]],
    ]);
    expect(series[0]?.color).toBe(series[2]?.color);
  });

  it("are not in the chart of a run that has none", () => {
    expect(named(lossSeries(drawing(runOfLosses([1]))), "live")).toBeUndefined();
  });
});

describe("the assignment's curve alone", () => {
  it("is of its 100 epochs of 469 steps", () => {
    const [series] = assignmentAlone("epoch");
    expect(series?.values).toEqual(ASSIGNMENT_VALIDATION_LOSS);
    expect(series?.xs.slice(0, 2)).toEqual([1, 2]);
    expect(series?.steps.at(-1)).toBe(46_900);
  });
});

describe("the series by timestep", () => {
  it("are one for each part, with its timesteps and a color of its own", () => {
    const bucketLosses = [0.5, 0.1];
    const run = runOfLosses([1], { epochs: [epochOf(1, { bucketLosses }), epochOf(2)] });
    const series = bucketSeries(drawing(run));
    expect(series.map(({ name }) => name)).toEqual(["t 0–499", "t 500–999"]);
    expect(series[1]?.values).toEqual([0.1, Number.NaN]);
    expect(new Set(series.map(({ color }) => color)).size).toBe(2);
  });
});

describe("the series by class", () => {
  it("are one for each class that has a loss now, named after it, with NaN before", () => {
    const classLosses = [0.5, Number.NaN, 0.1];
    const run = runOfLosses([1], { epochs: [epochOf(1), epochOf(2, { classLosses })] });
    const series = classSeries(drawing(run));
    expect(series.map(({ name }) => name)).toEqual(["class 0", "class 2"]);
    expect(series[1]?.values).toEqual([Number.NaN, 0.1]);
    expect(classSeries(drawing(runOfLosses([1], { epochs: [epochOf(1)] })))).toEqual([]);
  });

  it("have the names that the run's set gives its classes", () => {
    const classLosses = [0.5, 0.2, 0.1];
    const run = {
      ...runOfLosses([1], { epochs: [epochOf(1, { classLosses })] }),
      dataset: { id: "files", name: "Pets", classNames: ["cat", "dog"] },
    };
    expect(classSeries(drawing(run)).map(({ name }) => name)).toEqual(["cat", "dog", "class 2"]);
  });

  it("are of many classes those with the highest loss, in their order", () => {
    const classLosses = Array.from({ length: 47 }, (_, label) => 1 / (1 + ((label * 7) % 47)));
    const run = runOfLosses([1], { epochs: [epochOf(1, { classLosses })] });
    const series = classSeries(drawing(run));
    expect(series.map(({ key }) => Number(key.slice(5)))).toEqual([
      ...[0, 1, 7, 8, 14, 21, 27, 28, 34, 41],
    ]);
  });
});

describe("the series by layer", () => {
  const run = runOfLosses([1, 1, 1]);
  const { names } = layersOf(run.config);

  it("are one for each layer, at the few steps that have its norm", () => {
    const norms = (first: number) => names.map((_, layer) => first + layer);
    const steps = run.steps.map((step, i) =>
      i === 1 ? step : { ...step, layerGradNorms: norms(10 * i) },
    );
    const series = layerSeries(drawing({ ...run, steps }), "Grad");
    expect(series.map(({ name }) => name)).toEqual(names);
    expect(series[2]).toMatchObject({ steps: [1, 3], values: [2, 22], isSparse: true });
    expect(layerSeries(drawing({ ...run, steps }), "Weight")).toEqual([]);
    expect(layerSeries(drawing(run), "Grad")).toEqual([]);
  });

  it("go on where a run that was recorded by layer is trained on and recorded by block", () => {
    const blocks = inOrder(unetBlocks(run.config)).map(({ name }) => name);
    const [byLayer, byBlock] = [names.map(() => 2), blocks.map((_, block) => block)];
    const steps = run.steps.map((step, i) =>
      i === 0 ? { ...step, layerGradNorms: byLayer } : { ...step, blockGradNorms: byBlock },
    );
    const mixed = drawing({ ...run, steps });
    const inDowns = blocks.flatMap((name, block) => (name.startsWith("downs.1.") ? [block] : []));
    const series = layerSeries(mixed, "Grad").find(({ key }) => key === "downs.1");
    expect(series?.values).toEqual([2, Math.hypot(...inDowns), Math.hypot(...inDowns)]);

    const attention = blocks.indexOf("mid_attn");
    expect(blockSeries(mixed, "Grad", "mid_attn")).toMatchObject([
      { name: "mid_attn", steps: [2, 3], values: [attention, attention] },
    ]);
    expect(blockSeries(mixed, "Weight", "mid_attn")).toEqual([]);
    expect(blockSeries(mixed, "Grad", "no_block")).toEqual([]);
  });
});

describe("the figures of the steps", () => {
  const run = runOfLosses([1, 1, 1]);

  it("count the images of all micro-batches of a step", () => {
    const config = { ...run.config, batchSize: 32, gradientAccumulation: 2 };
    const [each] = chartSeries(chartNamed("imagesPerSecond"), drawing({ ...run, config }));
    expect(each?.values).toEqual([3200, 3200, 3200]);
  });

  it("average the time of a step without that of the first, which compiles", () => {
    const steps = run.steps.map((step, i) => ({ ...step, stepMs: i === 0 ? 5000 : 20 }));
    const [each, smoothed] = chartSeries(chartNamed("stepMs"), drawing({ ...run, steps }));
    expect(each?.values).toEqual([5000, 20, 20]);
    expect(smoothed?.values).toEqual([Number.NaN, 20, 20]);
  });

  it("have memory in bytes where it was told", () => {
    const steps = run.steps.map((step, i) => (i === 0 ? step : { ...step, memoryBytes: 5e6 }));
    const [memory] = chartSeries(chartNamed("memoryBytes"), drawing({ ...run, steps }));
    expect(memory?.values).toEqual([Number.NaN, 5e6, 5e6]);
  });
});
