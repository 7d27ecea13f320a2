import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import {
  type ExportedHistory,
  historyAsCsv,
  historyAsJson,
  historyAsTfevents,
} from "../../../../src/runtime/files/historyExport.ts";
import type { ExportedFile } from "../../../../src/runtime/files/runFormats.ts";
import { readGrayPng } from "../../engine/formats/pngReading.ts";
import { readTfevents } from "../../engine/formats/tfeventsReading.ts";
import {
  epochReport,
  history,
  qualityFigures,
  START_MS,
  stepReport,
} from "../../engine/train/exampleHistory.ts";

const textOf = (file: ExportedFile | undefined) => new TextDecoder().decode(file?.bytes);

/** Rows by the names of their columns; null for an empty field. */
function rowsOf(file: ExportedFile | undefined): Record<string, number | null>[] {
  const [header, ...lines] = textOf(file)
    .split("\r\n")
    .slice(0, -1)
    .map((line) => line.split(","));
  return lines.map((fields) =>
    Object.fromEntries(
      fields.map((field, i) => [header?.[i] as string, field === "" ? null : Number(field)]),
    ),
  );
}

/** The series of an event file: points `[step, time in s, value]` by tag. */
function scalarsOf(
  changes: Partial<ExportedHistory> = {},
): Record<string, [number, number, number][]> {
  const series: Record<string, [number, number, number][]> = {};
  const [file] = historyAsTfevents(history(changes));
  for (const { step, wallTime, summary } of readTfevents(file?.bytes as Uint8Array)) {
    for (const { tag, simpleValue } of summary?.value ?? []) {
      if (simpleValue === undefined) continue;
      series[tag] ??= [];
      series[tag].push([step, wallTime, simpleValue]);
    }
  }
  return series;
}

describe("a history as an event file", () => {
  it("has the name by which TensorBoard finds it, with the second of the first step", () => {
    const files = historyAsTfevents(history());
    expect(files.map(({ fileName }) => fileName)).toEqual([
      "events.out.tfevents.1700000000.quick-run",
    ]);
  });

  it("has every figure of the steps, in order", () => {
    const scalars = scalarsOf();
    expect(scalars["loss/step"]).toEqual(
      [1, 2, 3, 4].map((step) => [step, (START_MS + 100 * step) / 1000, Math.fround(1 / step)]),
    );
    const values = (tag: string) => scalars[tag]?.map(([, , value]) => value);
    expect(values("gradient_norm")).toEqual([3, 1.5, 1, 0.75]);
    expect(values("learning_rate")).toEqual([1, 2, 3, 4].map((step) => Math.fround(1e-3 * step)));
    expect(values("step_ms")).toEqual([80.5, 80.5, 80.5, 80.5]);
  });

  it("has the memory of the steps that told it", () => {
    const steps = [stepReport(1), { ...stepReport(2), memoryBytes: 5e6 }];
    const time = (START_MS + 200) / 1000;
    expect(scalarsOf({ steps }).memory_bytes).toEqual([[2, time, 5e6]]);
    expect(scalarsOf()).not.toHaveProperty("memory_bytes");
  });

  it.each([
    ["block by block", { blockGradNorms: [0.25, 0.75], blockWeightNorms: [3, Number.NaN] }],
    ["layer by layer, as before", { layerGradNorms: [0.25, 0.75], layerWeightNorms: [3] }],
  ])("has the norms of each layer at the steps that told them %s", (_, norms) => {
    const live = { liveLoss: 0.5, ...norms };
    const scalars = scalarsOf({ steps: [stepReport(1), { ...stepReport(2), ...live }] });
    const time = (START_MS + 200) / 1000;
    expect(scalars["layer_gradient_norm/time_mlp"]).toEqual([[2, time, 0.75]]);
    expect(scalars["layer_weight_norm/init_conv"]).toEqual([[2, time, 3]]);
    expect(scalars).not.toHaveProperty("layer_weight_norm/time_mlp");
  });

  it("has live validations at their steps, and by timestep", () => {
    const live = { liveLoss: 0.5, bucketLosses: [0.25, Number.NaN] };
    const scalars = scalarsOf({ steps: [stepReport(1), { ...stepReport(2), ...live }] });
    const time = (START_MS + 200) / 1000;
    expect(scalars["loss/live_validation"]).toEqual([[2, time, 0.5]]);
    expect(scalars["live_loss_by_timestep/0-499"]).toEqual([[2, time, 0.25]]);
    expect(scalars).not.toHaveProperty("live_loss_by_timestep/500-999");
    expect(scalarsOf()).not.toHaveProperty("loss/live_validation");
  });

  it("has the losses of the epochs at their steps", () => {
    const { "loss/train": train, "loss/validation": validation } = scalarsOf();
    const [one, two] = [(START_MS + 250) / 1000, (START_MS + 450) / 1000];
    expect(train).toEqual([
      [2, one, 0.5],
      [4, two, 0.125],
    ]);
    expect(validation).toEqual([
      [2, one, 0.25],
      [4, two, 0.25],
    ]);
  });

  it("has the losses by timestep under the timesteps of their tenth", () => {
    const scalars = scalarsOf();
    const tags = Object.keys(scalars).filter((tag) => tag.startsWith("loss_by_timestep/"));
    expect(tags).toHaveLength(10);
    expect(scalars["loss_by_timestep/0-99"]?.[0]?.[2]).toBe(Math.fround(0.1));
    expect(scalars["loss_by_timestep/900-999"]?.[0]?.[2]).toBe(1);
  });

  it("leaves out what an epoch has no figure for, and keeps what a step has", () => {
    const bucketLosses = [0.5, Number.NaN];
    const scalars = scalarsOf({
      steps: [{ ...stepReport(1), gradNorm: Number.NaN }],
      epochs: [epochReport(1, { validationLoss: Number.NaN, bucketLosses })],
    });
    expect(scalars["loss_by_timestep/0-499"]).toHaveLength(1);
    expect(scalars).not.toHaveProperty(["loss_by_timestep/500-999"]);
    expect(scalars).not.toHaveProperty(["loss/validation"]);
    expect(scalars.gradient_norm?.[0]?.[2]).toBeNaN();
  });

  it("has the rows by class of a frame with classes below one another", () => {
    const config = { ...defaultConfig(), classes: 4 };
    const frame = { step: 3, wallTimeMs: START_MS, count: 40, pixels: new Uint8Array(40 * 784) };
    const [file] = historyAsTfevents(history({ config, frames: [frame] }));
    const events = readTfevents(file?.bytes as Uint8Array);
    const [image] = events.flatMap(
      ({ summary }) => summary?.value.flatMap(({ image }) => image ?? []) ?? [],
    );
    expect(image).toMatchObject({ width: 10 * 30 - 2, height: 4 * 30 - 2 });
  });

  it("has each frame as one image of all its digits", () => {
    const [file] = historyAsTfevents(history());
    const events = readTfevents(file?.bytes as Uint8Array);
    const images = events.flatMap(({ step, wallTime, summary }) =>
      (summary?.value ?? []).flatMap(({ tag, image }) =>
        image ? [{ tag, step, wallTime, image }] : [],
      ),
    );
    expect(images).toMatchObject([
      {
        tag: "samples",
        step: 3,
        wallTime: (START_MS + 310) / 1000,
        image: { width: 58, height: 58 },
      },
    ]);
    const { pixels } = readGrayPng(images[0]?.image.encodedImageString as Uint8Array);
    const [frame] = history().frames;
    const line = (digit: number, y: number) =>
      frame?.pixels.subarray(digit * 784 + 28 * y, digit * 784 + 28 * (y + 1));
    expect(pixels.subarray(58 * 5, 58 * 5 + 28)).toEqual(line(0, 5));
    expect(pixels.subarray(58 * 5 + 30, 58 * 6)).toEqual(line(1, 5));
    expect(pixels.subarray(58 * 57, 58 * 57 + 28)).toEqual(line(2, 27));
    expect(Math.max(...pixels.subarray(58 * 57 + 28))).toBe(0);
  });

  it("is one of nothing before the first step", () => {
    const [file] = historyAsTfevents(history({ steps: [], epochs: [], frames: [] }));
    expect(file?.fileName).toBe("events.out.tfevents.0000000000.quick-run");
    expect(readTfevents(file?.bytes as Uint8Array)).toHaveLength(1);
  });
});

describe("a history as CSV", () => {
  it("has a table of the steps and one of the epochs", () => {
    const files = historyAsCsv(history());
    expect(files.map(({ fileName }) => fileName)).toEqual([
      "quick-run-steps.csv",
      "quick-run-epochs.csv",
    ]);
    const [steps, epochs] = files;
    expect(rowsOf(steps)).toEqual(
      history().steps.map(({ step, wallTimeMs, loss, gradNorm, learningRate, stepMs }) => ({
        step,
        wall_time_ms: wallTimeMs,
        loss,
        gradient_norm: gradNorm,
        learning_rate: learningRate,
        step_ms: stepMs,
      })),
    );
    expect(rowsOf(epochs)).toMatchObject([
      { epoch: 1, step: 2, wall_time_ms: START_MS + 250, train_loss: 0.5, validation_loss: 0.25 },
      { epoch: 2, step: 4, wall_time_ms: START_MS + 450, train_loss: 0.125 },
    ]);
  });

  it("has a column for the memory where a step told it", () => {
    const [steps] = historyAsCsv(
      history({ steps: [stepReport(1), { ...stepReport(2), memoryBytes: 5e6 }] }),
    );
    expect(rowsOf(steps).map((row) => row.memory_bytes)).toEqual([null, 5e6]);
  });

  it.each([
    ["block by block", { blockGradNorms: [0.25, 0.75], blockWeightNorms: [3, Number.NaN] }],
    ["layer by layer, as before", { layerGradNorms: [0.25, 0.75], layerWeightNorms: [3] }],
  ])(
    "has the norms of each layer in columns of their own where a step told them %s",
    (_, norms) => {
      const live = { liveLoss: 0.5, ...norms };
      const steps = [stepReport(1), { ...stepReport(2), ...live }];
      const [table] = historyAsCsv(history({ steps }));
      expect(rowsOf(table)).toMatchObject([
        { layer_gradient_norm_init_conv: null, layer_weight_norm_init_conv: null },
        { layer_gradient_norm_time_mlp: 0.75, layer_weight_norm_init_conv: 3 },
      ]);
      expect(rowsOf(table)[1]).toMatchObject({ layer_weight_norm_time_mlp: null });
      const [without] = historyAsCsv(history());
      expect(Object.keys(rowsOf(without)[0] ?? {}).join()).not.toContain("layer");
    },
  );

  it("has empty fields for the steps without a live validation", () => {
    const live = { liveLoss: 0.5, bucketLosses: [0.25, 0.75] };
    const [steps] = historyAsCsv(
      history({ steps: [stepReport(1), { ...stepReport(2), ...live }] }),
    );
    expect(rowsOf(steps)).toMatchObject([
      { live_validation_loss: null, "live_loss_by_timestep_500-999": null },
      { live_validation_loss: 0.5, "live_loss_by_timestep_500-999": 0.75 },
    ]);
  });

  it("has the ten losses by timestep in ten columns, an empty field where there is none", () => {
    const bucketLosses = epochReport(1).bucketLosses.with(9, Number.NaN);
    const [, epochs] = historyAsCsv(history({ epochs: [epochReport(1, { bucketLosses })] }));
    const [row] = rowsOf(epochs);
    expect(Object.keys(row ?? {})).toHaveLength(15);
    expect(row).toMatchObject({
      "loss_by_timestep_0-99": 0.1,
      "loss_by_timestep_800-899": 0.9,
      "loss_by_timestep_900-999": null,
    });
  });

  it("has the loss of each class in a column and a tag, where an epoch has it", () => {
    const classLosses = [0.5, Number.NaN, 0.25];
    const epochs = [epochReport(1), epochReport(2, { classLosses })];
    const [, table] = historyAsCsv(history({ epochs }));
    expect(rowsOf(table)).toMatchObject([
      { loss_by_class_0: null, loss_by_class_1: null, loss_by_class_2: null },
      { loss_by_class_0: 0.5, loss_by_class_1: null, loss_by_class_2: 0.25 },
    ]);
    const scalars = scalarsOf({ epochs });
    const tags = Object.keys(scalars).filter((tag) => tag.startsWith("loss_by_class/"));
    expect(tags).toEqual(["loss_by_class/0", "loss_by_class/2"]);
    expect(scalars["loss_by_class/2"]).toEqual([[4, START_MS / 1000 + 0.45, 0.25]]);
  });

  it("has columns for what was measured where an epoch was, empty for the others", () => {
    const quality = qualityFigures();
    const measured = history({ epochs: [epochReport(1), epochReport(2, { quality })] });
    const [, epochs] = historyAsCsv(measured);
    expect(rowsOf(epochs)).toMatchObject([
      { epoch: 1, quality_mean_confidence: null, quality_frechet_distance: null },
      {
        epoch: 2,
        quality_mean_confidence: 0.75,
        quality_share_confident: 0.5,
        quality_frechet_distance: 12.5,
        quality_class_entropy: 1.5,
        quality_median_nearest_distance: 0.125,
      },
    ]);
    const scalars = scalarsOf({ epochs: measured.epochs });
    expect(scalars["quality/mean_confidence"]).toEqual([[4, START_MS / 1000 + 0.45, 0.75]]);
    expect(Object.keys(scalars).filter((tag) => tag.startsWith("quality/"))).toHaveLength(5);
    const [json] = historyAsJson(measured);
    expect(JSON.parse(textOf(json)).epochs[1].quality).toEqual(quality);
  });

  it("has no columns for them when nothing was validated", () => {
    const epochs = [epochReport(1, { validationLoss: Number.NaN, bucketLosses: [] })];
    const [, table] = historyAsCsv(history({ epochs }));
    expect(rowsOf(table)).toEqual([
      {
        epoch: 1,
        step: 2,
        wall_time_ms: START_MS + 250,
        train_loss: 0.5,
        validation_loss: null,
      },
    ]);
  });
});

describe("a history as JSON", () => {
  it("gives back configuration, steps and epochs, without the frames", () => {
    const { frames: _, ...recorded } = history();
    const [file] = historyAsJson(history());
    expect(file?.fileName).toBe("quick-run-history.json");
    expect(JSON.parse(textOf(file))).toEqual(recorded);
  });

  it("has null for what is not finite", () => {
    const [file] = historyAsJson(
      history({ epochs: [epochReport(1, { validationLoss: Number.NaN })] }),
    );
    expect(JSON.parse(textOf(file)).epochs[0].validationLoss).toBeNull();
  });
});
