import * as tf from "@tensorflow/tfjs-core";
import { DATASETS } from "../../../../src/engine/data/datasets.ts";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  DRAW_DEFAULTS,
  drawRequests,
} from "../../../../src/app/features/draw/state/drawSettings.ts";
import { HYPERPARAMETERS, isUsed } from "../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { pairTimestep, samplerOf } from "../../../../src/engine/config/sampling.ts";
import { validateConfig, validateNewRun } from "../../../../src/engine/config/validate.ts";
import { createSchedule, noiseScheduleOf } from "../../../../src/engine/diffusion/schedule.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { drawsOfStep } from "../../../../src/engine/train/draws.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { EpochReport } from "../../../../src/engine/train/reports.ts";
import type { SampleStart } from "../../../../src/engine/train/sampleStart.ts";
import { notebookProblem } from "../../../../src/runtime/files/notebook/notebookProblem.ts";
import { readSampling } from "../../../../src/runtime/sampling/sampling.ts";
import { smallConfig, smallSession } from "./smallRun.ts";

const config = smallConfig({ objective: "oneLevel", noiseSigma: 0.3, samplerKind: "dpmpp2m" });
const ONE_STEP = { kind: "ddim", timesteps: 1 };

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("one noise level", () => {
  it("has one timestep, the whole image and twice the noise, since black is -1", () => {
    const schedule = createSchedule({ ...config, minSnrGamma: 5 });
    expect(schedule.numTimesteps).toBe(1);
    expect([...schedule.signals, ...schedule.noises, ...schedule.lossWeights]).toEqual([1, 0.6, 1]);
    expect(() => noiseScheduleOf(schedule)).toThrow(/needs a noise schedule/);
    expect([...drawsOfStep(config, 7, 20).timesteps]).toEqual(new Array(20).fill(0));
  });

  it("has sigma from 0 to 1, and no setting of several levels", () => {
    expect(validateConfig({ ...config, noiseSigma: 1 })).toEqual({});
    const { noiseSigma } = validateConfig({ ...config, noiseSigma: 1.5 });
    expect(noiseSigma).toBe("A number, 0 to 1, not 1.5");
    const names = Object.keys(HYPERPARAMETERS) as (keyof typeof HYPERPARAMETERS)[];
    const unused = names.filter((name) => isUsed(name, smallConfig()) && !isUsed(name, config));
    expect(unused).toEqual([
      ...["betaSchedule", "timesteps", "timestepSampling", "lossWeight", "minSnrGamma"],
      ...["samplingTimesteps", "samplerKind", "stepSpacing", "ddimEta", "interpolationNoise"],
      "previewTimesteps",
    ]);
    expect(isUsed("noiseSigma", config)).toBe(true);
    expect(isUsed("noiseSigma", smallConfig())).toBe(false);
  });

  it("cannot be distilled, nor have a notebook, and says why", () => {
    const { distilFrom } = validateNewRun({ ...config, distilFrom: 4 });
    expect(distilFrom).toBe("0, not 4: at one noise level a digit takes one step already");
    expect(notebookProblem(config)).toContain("the objective image at one noise level");
  });

  it("is left in one step, whatever sampler and steps are chosen", () => {
    expect(samplerOf(20, config)).toEqual(ONE_STEP);
    const typed = { sampler: "heun", steps: "50" };
    expect(readSampling(typed, { config }).values?.sampler).toEqual(ONE_STEP);
    const none = { images: new Map(), labels: null, own: null, marks: [] };
    const given = { ...none, drawing: new Uint8Array(784), naming: DATASETS.mnist.naming };
    const settings = { ...DRAW_DEFAULTS, start: "drawing" as const, level: 0.7 };
    const { asked } = drawRequests(settings, { ...given, configs: { a: config, b: null } });
    expect(asked.a?.request).toMatchObject({ sampler: ONE_STEP, start: { t: 0 } });
  });

  const image = new Float32Array(784).fill(-1);
  const pair = Float32Array.from([...image, ...image]);
  it.each<{ start: SampleStart; expected: number }>([
    { start: { from: "noise" }, expected: 1 },
    { start: { from: "image", image, t: 0 }, expected: 0.6 },
    // The first of two between a pair is of one image alone, and the second of the other.
    { start: { from: "pair", images: pair, t: pairTimestep(0.5, 1) }, expected: 0.6 },
  ])(
    "is noised and removed again where digits begin with $start.from",
    async ({ start, expected }) => {
      const denoiser = denoiserOf(config, null);
      const options = { denoiser, count: 2, sampler: samplerOf(20, config), seed: 1, chunkSize: 2 };
      const sampler = new DigitSampler({ ...options, start });
      expect(sampler.times).toEqual([0, -1]);
      await sampler.nextFrame();
      const { variance } = tf.moments(sampler.frame.x[0] as tf.Tensor4D);
      const deviation = Math.sqrt((await variance.data())[0] as number);
      expect(deviation).toBeCloseTo(expected, 1);
      const { pixels } = await sampler.nextFrame();
      expect(sampler.isDone).toBe(true);
      expect(new Set(pixels).size).toBeGreaterThan(10);
      sampler.dispose();
      denoiser.values.dispose();
    },
  );

  it("is validated without parts of t", async () => {
    const session = smallSession({ ...presetConfig("oneLevel"), dim: 4, validateEvery: 1 });
    const epochs: EpochReport[] = [];
    for await (const report of session.run()) {
      if (report.type === "epoch") epochs.push(report.epoch);
    }
    session.dispose();
    expect(epochs).toHaveLength(1);
    expect(epochs[0]?.validationLoss).toBeGreaterThan(0);
    expect(epochs[0]?.bucketLosses).toEqual([]);
  });
});
