import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { LIVE_IMAGES } from "../../../../src/engine/config/hyperparameters/training.ts";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { PRESETS, type PresetName, presetConfig } from "../../../../src/engine/config/presets.ts";
import { imageAt } from "../../../../src/engine/data/imageOrder.ts";
import { isLiveStep, liveImages } from "../../../../src/engine/train/liveValidation.ts";
import { StepsInFlight } from "../../../../src/engine/train/stepsInFlight.ts";
import { validate } from "../../../../src/engine/train/validation.ts";
import { replicaHere } from "./replicaHere.ts";
import {
  noiseImages,
  samplerValues,
  smallConfig,
  smallDataset,
  smallSession,
  takeSteps,
} from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const DATASET = smallDataset({ numTrain: 16, numValidation: 7 });

describe("live validation", () => {
  it("is in every so many steps' reports, with the loss of the weights after them", async () => {
    const session = smallSession({ validateEvery: 3 }, { dataset: DATASET });
    const reports = session.run();
    const [first, second, third] = await takeSteps(reports, 3);
    const passes = validate({
      denoiser: session.rawSampler,
      images: DATASET.validation.images,
      labels: null,
      chunkSize: 2,
      replicas: [],
      freshKey: null,
    });
    let expected = {};
    for await (const { meanLoss, bucketLosses } of passes) {
      expected = { liveLoss: meanLoss, bucketLosses };
    }
    for (const step of [first, second]) expect(Object.keys(step ?? {})).not.toContain("liveLoss");
    expect(third).toMatchObject(expected);
    const [last] = await takeSteps(reports);
    expect(last?.liveLoss).toBeUndefined();
    session.dispose();
  });

  it("comes early after an eighth, a quarter and a half as many steps, where these are whole", () => {
    const steps = Array.from({ length: 24 }, (_, i) => i + 1);
    const live = (validateEvery: number) =>
      steps.filter((step) => isLiveStep(step, smallConfig({ validateEvery })));
    expect(live(8)).toEqual([1, 2, 4, 8, 16, 24]);
    expect(live(12)).toEqual([3, 6, 12, 24]);
    expect(live(11)).toEqual([11, 22]);
    expect(live(0)).toEqual([]);
  });

  it("does not touch the training, and has fixed noise also where that of the epochs is fresh", async () => {
    const run = async (changes: Partial<RunConfig>) => {
      const session = smallSession(changes, { dataset: DATASET });
      const steps = await takeSteps(session.run());
      const end = { losses: steps.map(({ loss }) => loss), values: await samplerValues(session) };
      session.dispose();
      return { end, live: steps.map(({ liveLoss }) => liveLoss) };
    };
    const [without, fixed] = [await run({}), await run({ validateEvery: 1 })];
    const fresh = await run({ validateEvery: 1, validationNoise: "fresh" });
    expect(fixed.end).toEqual(without.end);
    expect(fresh.live).toEqual(fixed.live);
    expect(without.live).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("is shared evenly with the other threads, which have the weights after the step", async () => {
    const replica = replicaHere();
    const losses = vi.spyOn(replica, "losses");
    const changes = { validateEvery: 3, classes: 10 };
    const options = { dataset: DATASET, microBatchSize: 2 };
    const [alone, together] = [
      smallSession(changes, options),
      smallSession(changes, { ...options, replicas: [replica] }),
    ];
    const [byOne] = (await takeSteps(alone.run(), 3)).slice(-1);
    const [byTwo] = (await takeSteps(together.run(), 3)).slice(-1);
    expect(byTwo?.liveLoss).toBeCloseTo(byOne?.liveLoss as number, 5);
    // Passes of 2 images at most, of 7 in all.
    expect(losses.mock.calls.map(([{ timesteps }]) => timesteps.length)).toEqual([2, 1]);
    for (const session of [alone, together]) session.dispose();
  });

  it("has its passes rehearsed, as has that of an epoch, and no larger ones", async () => {
    const dataset = smallDataset({ numTrain: 4, numValidation: 120 });
    const runKernel = vi.spyOn(tf.engine(), "runKernel");
    const passSizes = async (pass: () => unknown) => {
      runKernel.mockClear();
      await pass();
      const inputs = runKernel.mock.calls.flatMap(([, tensors]) => Object.values(tensors));
      const shapes = inputs.map((tensor) => (tensor as tf.Tensor | undefined)?.shape);
      return new Set(shapes.flatMap((shape) => (shape?.[1] === 28 ? [shape[0]] : [])));
    };
    const options = { dataset, microBatchSize: 2, validationChunkSize: 60 };
    const [live, without] = [
      smallSession({ validateEvery: 1 }, options),
      smallSession({ validateEvery: 0 }, options),
    ];
    const run = await passSizes(() => takeSteps(live.run()));
    expect(run).toEqual(new Set([2, 60, 40]));
    expect(await passSizes(() => live.rehearse())).toEqual(run);
    expect(await passSizes(() => without.rehearse())).toEqual(new Set([2, 60]));
    for (const session of [live, without]) session.dispose();
  });

  it("is left out without validation images", async () => {
    const dataset = { ...DATASET, validation: noiseImages(0) };
    const session = smallSession({ validateEvery: 1 }, { dataset });
    const [step] = await takeSteps(session.run(), 1);
    expect(step?.liveLoss).toBeUndefined();
    session.dispose();
  });

  it("does not count as time of a step", async () => {
    let nowMs = 0;
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    const inFlight = new StepsInFlight(1);
    const begin = (step: number) => {
      const scalars = { loss: tf.scalar(1), gradNorm: tf.scalar(1) };
      const numbers = { learningRate: 1 };
      const begun = { step, numImages: 1, startMs: nowMs, startWork: 0, numbers, scalars };
      nowMs += 10;
      inFlight.add(begun);
    };
    begin(1);
    await inFlight.amendNewest(async () => {
      nowMs += 1000;
      return { liveLoss: 0.5 };
    });
    begin(2);
    expect(await inFlight.oldest()).toMatchObject({ step: 1, stepMs: 10, liveLoss: 0.5 });
    expect(await inFlight.oldest()).toMatchObject({ step: 2, stepMs: 10 });
  });

  it("sees labels of its images in a run with classes alone", () => {
    const labels = Uint8Array.from({ length: 199 }, (_, i) => i % 10);
    const images = { ...noiseImages(199), labels };
    const seen = liveImages(images, smallConfig({ classes: 10 }));
    expect(seen.labels?.slice(0, 3)).toEqual(Uint8Array.from([0, 2, 4]));
    expect(seen.images).toHaveLength(LIVE_IMAGES * 784);
    expect(imageAt(seen.images as Uint8Array, 1)).toEqual(imageAt(images.images, 2));
    expect(liveImages(images, smallConfig()).labels).toBeNull();
  });
});

describe("the presets", () => {
  it.each(Object.keys(PRESETS) as PresetName[])(
    "%s spends at most 3 %% of the time on it",
    (name) => {
      const { validateEvery, batchSize } = presetConfig(name);
      // A training step takes as long as three forward passes of its images, or longer.
      const share = LIVE_IMAGES / (3 * batchSize) / validateEvery;
      expect(validateEvery === 0 || share <= 0.03).toBe(true);
    },
  );
});
