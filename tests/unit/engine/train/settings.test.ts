import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { drawsOfStep } from "../../../../src/engine/train/draws.ts";
import { denoiserOf, parametersOf } from "../../../../src/engine/train/gradient.ts";
import { relativeError } from "../../../relativeError.ts";
import { samplerValues, smallConfig, smallDataset, smallSession, takeSteps } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

async function lossesOf(changes: Partial<RunConfig>, numSteps = 2): Promise<number[]> {
  const session = smallSession(changes);
  const steps = await takeSteps(session.run(), numSteps);
  session.dispose();
  return steps.map((step) => step.loss);
}

describe("offset noise", () => {
  const config = smallConfig({ offsetNoise: 0.5 });

  it("moves all pixels of an image alike, each image by another amount", () => {
    const plain = drawsOfStep(smallConfig(), 3, 2).noise(0, 2).dataSync();
    const moved = drawsOfStep(config, 3, 2).noise(0, 2).dataSync();
    const offsets = moved.map((value, i) => value - (plain[i] as number));
    expect(Math.abs(offsets[0] as number)).toBeGreaterThan(1e-3);
    offsets.forEach((offset, i) => {
      expect(offset).toBeCloseTo(offsets[i < 784 ? 0 : 784] as number, 5);
    });
    expect(offsets[0]).not.toBeCloseTo(offsets[784] as number, 3);
  });

  it("has the strength that was asked for", () => {
    const numImages = 400;
    const plain = drawsOfStep(smallConfig(), 0, numImages).noise(0, numImages).dataSync();
    const moved = drawsOfStep(config, 0, numImages).noise(0, numImages).dataSync();
    const variance =
      Array.from(
        { length: numImages },
        (_, i) => ((moved[i * 784] as number) - (plain[i * 784] as number)) ** 2,
      ).reduce((sum, square) => sum + square) / numImages;
    expect(Math.sqrt(variance)).toBeGreaterThan(0.45);
    expect(Math.sqrt(variance)).toBeLessThan(0.55);
  });
});

describe("noise", () => {
  it("belongs to an image, whatever others it is drawn with", () => {
    const { noise } = drawsOfStep(smallConfig({ offsetNoise: 0.5 }), 3, 5);
    const all = noise(0, 5).dataSync();
    expect(relativeError(noise(3, 5).dataSync(), all.slice(3 * 784))).toBe(0);
  });
});

describe("self-conditioning", () => {
  const config = smallConfig({ selfCondition: true });

  it("takes no estimate for an estimate of zeros, and any other for what it is", async () => {
    const { network, values } = denoiserOf(config, null);
    const p = parametersOf(network, values);
    const x = tf.randomNormal<tf.Rank.R4>([2, 28, 28, 1], 0, 1, "float32", 1);
    const outputOf = async (x0Before: tf.Tensor4D | null) =>
      network.forward(p, { x, timesteps: [10, 90], x0Before }).data();
    const none = await outputOf(null);
    expect(relativeError(await outputOf(tf.zerosLike(x)), none)).toBe(0);
    expect(relativeError(await outputOf(tf.onesLike(x)), none)).toBeGreaterThan(1e-3);
  });

  it("is used in about half of the steps", () => {
    const numUses = Array.from({ length: 400 }, (_, step) => drawsOfStep(config, step, 1)).filter(
      ({ regularization }) => regularization(0).selfConditions,
    ).length;
    expect(numUses).toBeGreaterThan(160);
    expect(numUses).toBeLessThan(240);
    expect(drawsOfStep(smallConfig(), 0, 1).regularization(0).selfConditions).toBe(false);
  });

  it("trains, and feeds each sampling step the image predicted before", async () => {
    for (const loss of await lossesOf({ selfCondition: true })) expect(loss).toBeGreaterThan(0);
    const denoiser = denoiserOf(config, null);
    const told: boolean[] = [];
    const network = {
      ...denoiser.network,
      forward: (...args: Parameters<typeof denoiser.network.forward>) => {
        told.push(args[1].x0Before !== null);
        return denoiser.network.forward(...args);
      },
    };
    const sampler = new DigitSampler({
      denoiser: { ...denoiser, network },
      count: 1,
      seed: 0,
      chunkSize: 1,
      start: { from: "noise" },
      sampler: { kind: "ddim", timesteps: 3, eta: 0 },
    });
    while (!sampler.isDone) await sampler.nextFrame();
    sampler.dispose();
    expect(told).toEqual([false, true, true]);
  });
});

describe("dropout", () => {
  it("sets the share asked for to 0 and keeps the mean", async () => {
    const { dropout } = drawsOfStep(smallConfig({ dropout: 0.25 }), 0, 1).regularization(0);
    const mask = await dropout?.([4, 28, 28, 8]).data();
    const zeros = mask?.filter((value) => value === 0).length ?? 0;
    expect(zeros / 25088).toBeGreaterThan(0.24);
    expect(zeros / 25088).toBeLessThan(0.26);
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(4 / 3)]));
  });

  it("draws another mask for every layer, and the same again from the same seed", async () => {
    const masks = async () => {
      const { dropout } = drawsOfStep(smallConfig({ dropout: 0.5 }), 7, 1).regularization(0);
      return [await dropout?.([1, 4, 4, 2]).data(), await dropout?.([1, 4, 4, 2]).data()];
    };
    const [first, second] = await masks();
    expect(first).not.toEqual(second);
    expect(await masks()).toEqual([first, second]);
  });

  it("belongs to an image, whichever pass or thread it is in", async () => {
    const masksFrom = async (start: number, numImages: number) => {
      const { regularization } = drawsOfStep(smallConfig({ dropout: 0.5 }), 7, 6);
      const { dropout } = regularization(start);
      const masks = [dropout?.([numImages, 4, 4, 2]), dropout?.([numImages, 2, 2, 3])];
      return Promise.all(masks.map((mask) => mask?.array()));
    };
    const whole = await masksFrom(0, 6);
    for (const [start, numImages] of [
      [0, 2],
      [2, 3],
      [5, 1],
    ] as const) {
      const part = await masksFrom(start, numImages);
      expect(part).toEqual(whole.map((mask) => mask?.slice(start, start + numImages)));
    }
  });

  it("changes the loss of training but not the network that is sampled or validated", async () => {
    expect(await lossesOf({ dropout: 0.5 }, 1)).not.toEqual(await lossesOf({}, 1));
    const { network, values } = denoiserOf(smallConfig({ dropout: 0.5 }), null);
    const plain = denoiserOf(smallConfig(), null);
    const x = tf.ones<tf.Rank.R4>([1, 28, 28, 1]);
    const inputs = { x, timesteps: [5] };
    const out = network.forward(parametersOf(network, values), inputs);
    const expected = plain.network.forward(parametersOf(plain.network, plain.values), inputs);
    expect(await out.data()).toEqual(await expected.data());
  });
});

describe("gradient accumulation", () => {
  it("makes the same step as a batch so many times as large", async () => {
    const weightsAfterStep = async (changes: Partial<RunConfig>) => {
      const session = smallSession(changes, { microBatchSize: 2 });
      const [step] = await takeSteps(session.run(), 1);
      const values = await samplerValues(session);
      session.dispose();
      return { loss: step?.loss, values, stepsPerEpoch: session.stepsPerEpoch };
    };
    const accumulated = await weightsAfterStep({ batchSize: 2, gradientAccumulation: 3 });
    expect(accumulated).toEqual(await weightsAfterStep({ batchSize: 6 }));
    expect(accumulated.stepsPerEpoch).toBe(2);
  });
});

describe("the moving average", () => {
  it("is updated only every n-th step", async () => {
    const session = smallSession(
      { emaDecay: 0.9, emaUpdateEvery: 2, emaUpdateAfter: 0, batchSize: 2 },
      { dataset: smallDataset() },
    );
    const reports = session.run();
    const start = await samplerValues(session);
    await takeSteps(reports, 1);
    const first = await samplerValues(session);
    expect(first).not.toEqual(start);
    await takeSteps(reports, 1);
    expect(await samplerValues(session)).toEqual(first);
    await takeSteps(reports, 1);
    expect(await samplerValues(session)).not.toEqual(first);
    session.dispose();
  });

  it("is not what the latest weights are", async () => {
    const session = smallSession({ emaDecay: 0.99, emaUpdateAfter: 0, emaUpdateEvery: 1 });
    await takeSteps(session.run(), 2);
    const latest = await session.rawSampler.values.data();
    expect(await samplerValues(session)).not.toEqual(latest);
    session.dispose();
  });
});

describe("sampling with as many steps as T", () => {
  it("is ancestral: fresh noise in every step but the last, from the seed", async () => {
    const config = smallConfig({ timesteps: 10 });
    const denoiser = denoiserOf(config, null);
    const digits = async (numSteps: number, eta: number, seed = 0) => {
      const sampler = new DigitSampler({
        denoiser,
        count: 2,
        seed,
        chunkSize: 1,
        start: { from: "noise" },
        sampler: samplerOf(numSteps, { ...config, ddimEta: eta }),
      });
      let frame = await sampler.nextFrame();
      while (!sampler.isDone) frame = await sampler.nextFrame();
      sampler.dispose();
      return Array.from(frame.pixels);
    };
    const ancestral = await digits(10, 0);
    expect(await digits(10, 1)).toEqual(ancestral);
    expect(await digits(10, 0, 1)).not.toEqual(ancestral);
    expect(await digits(9, 1)).not.toEqual(await digits(9, 0));
  });
});
