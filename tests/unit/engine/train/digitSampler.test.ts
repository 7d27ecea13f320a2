import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { samplerOf } from "../../../../src/engine/config/sampling.ts";
import type { Model, SamplerStep } from "../../../../src/engine/diffusion/model.ts";
import { toModelRange } from "../../../../src/engine/diffusion/noising.ts";
import { ancestralStep } from "../../../../src/engine/diffusion/samplers/ancestral.ts";
import { ddimStep } from "../../../../src/engine/diffusion/samplers/ddim.ts";
import {
  DigitSampler,
  type SampleFrame,
  type SamplingOptions,
} from "../../../../src/engine/train/digitSampler.ts";
import { type Denoiser, denoiserOf, parametersOf } from "../../../../src/engine/train/gradient.ts";
import { normalImages } from "../../../../src/engine/train/images.ts";
import { relativeError } from "../../../relativeError.ts";
import { noiseImages, smallConfig } from "./smallRun.ts";

let denoiser: Denoiser;

beforeAll(async () => {
  await tf.setBackend("wasm");
  denoiser = denoiserOf(smallConfig(), null);
});

type Changes = Partial<SamplingOptions> & {
  /** T are ancestral sampling. */
  numSteps?: number;
  eta?: number;
};

function optionsOf({ numSteps = 5, eta = 0, ...changes }: Changes = {}): SamplingOptions {
  const sampler = samplerOf(numSteps, { ...smallConfig(), ddimEta: eta });
  const start = { from: "noise" } as const;
  return { denoiser, count: 3, sampler, seed: 0, chunkSize: 3, start, ...changes };
}

async function frames(changes: Changes = {}): Promise<SampleFrame[]> {
  const sampler = new DigitSampler(optionsOf(changes));
  const all: SampleFrame[] = [];
  while (!sampler.isDone) all.push(await sampler.nextFrame());
  sampler.dispose();
  return all;
}

async function digits(changes: Changes = {}): Promise<Uint8Array> {
  return (await frames(changes)).at(-1)?.pixels ?? new Uint8Array();
}

/** How far the brightest difference goes, in grey levels. */
function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

describe("the frames of a sampler", () => {
  it("are the noise and one a step, in order", async () => {
    const all = await frames();
    expect(all.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { pixels } of all) expect(pixels).toHaveLength(3 * 784);
  });

  it("begin with normal noise: half the pixels above grey, a third beyond black and white", async () => {
    const [noise] = await frames({ count: 20, numSteps: 1, chunkSize: 20 });
    const pixels = noise?.pixels ?? new Uint8Array();
    const share = (isMeant: (value: number) => boolean) =>
      pixels.filter(isMeant).length / pixels.length;
    expect(share((value) => value > 127)).toBeCloseTo(0.5, 1);
    expect(share((value) => value === 0 || value === 255)).toBeCloseTo(0.317, 1);
  });

  it("end after one step, when one is asked for", async () => {
    expect(await frames({ numSteps: 1 })).toHaveLength(2);
  });
});

describe("the digits", () => {
  it("are the same for the same seed, and others for another", async () => {
    const first = await digits();
    expect(largestDifference(await digits(), first)).toBe(0);
    expect(largestDifference(await digits({ seed: 1 }), first)).toBeGreaterThan(10);
  });

  it("differ from each other", async () => {
    const all = await digits();
    expect(largestDifference(all.subarray(0, 784), all.subarray(784, 1568))).toBeGreaterThan(10);
  });

  it("depend neither on how many are asked for nor on the chunks they are made in", async () => {
    const all = await digits();
    const more = await digits({ count: 5, chunkSize: 2 });
    expect(more).toHaveLength(5 * 784);
    expect(largestDifference(all, more)).toBeLessThanOrEqual(1);
    expect(largestDifference(await digits({ count: 1, chunkSize: 1 }), more)).toBeLessThanOrEqual(
      1,
    );
  });
});

describe("the steps", () => {
  const { count, seed } = optionsOf();
  const noiseAt = (step: number) =>
    normalImages(
      Array.from({ length: count }, (_, i) => {
        return { seed, stream: "sampling" as const, index: step * 1024 + i };
      }),
    );
  const model: Model = (x, timesteps, x0Before) =>
    denoiser.network.forward(parametersOf(denoiser.network, denoiser.values), {
      x,
      timesteps,
      x0Before,
    });

  it("are those of the ancestral sampler, from T - 1 to 0, each with the noise of its place", async () => {
    const timesteps = 25;
    const short = denoiserOf(smallConfig({ timesteps }), null);
    const { schedule } = short;
    let step: SamplerStep | null = null;
    for (let i = 0; i < timesteps; i++) {
      const x: tf.Tensor4D = step?.x ?? noiseAt(0);
      const [t, noise] = [timesteps - 1 - i, noiseAt(i + 1)];
      const before = step && { t: t + 1, x0: step.x0 };
      step = ancestralStep({ model, schedule, x, before, t, noise });
    }
    const expected = (await step?.x.data()) ?? [];
    const sampler = samplerOf(timesteps, smallConfig({ timesteps }));
    const ours = await digits({ denoiser: short, sampler });
    const theirs = Uint8ClampedArray.from(expected, (value) => ((value + 1) / 2) * 255);
    expect(ours).toEqual(new Uint8Array(theirs.buffer));
  });

  it("are those of DDIM over the timesteps in between", async () => {
    const { schedule } = denoiser;
    let step: SamplerStep | null = null;
    const times = [99, 79, 59, 39, 19, -1];
    for (let i = 0; i < 5; i++) {
      const x: tf.Tensor4D = step?.x ?? noiseAt(0);
      const [t, tNext] = [times[i] as number, times[i + 1] as number];
      const before = step && { t: times[i - 1] as number, x0: step.x0 };
      const options = { model, schedule, x, before, noise: noiseAt(i + 1) };
      step = ddimStep({ ...options, t, tNext, eta: 0.5 });
    }
    const expected = (await step?.x.data()) ?? [];
    const theirs = Uint8ClampedArray.from(expected, (value) => ((value + 1) / 2) * 255);
    expect(await digits({ eta: 0.5 })).toEqual(new Uint8Array(theirs.buffer));
  });

  it("are Heun's, but for the first step from pure noise, which is DDIM's", async () => {
    const of = async (kind: "ddim" | "heun", changes: Changes = {}) =>
      (await frames({ sampler: { kind, timesteps: 5, eta: 0 }, ...changes })).map(
        ({ pixels }) => pixels,
      );
    const [euler, heun] = [await of("ddim"), await of("heun")];
    expect(heun[1]).toEqual(euler[1]);
    expect(heun[2]).not.toEqual(euler[2]);
    const image = { from: "image", image: new Float32Array(784), t: 98 } as const;
    const ofFlow = denoiserOf(smallConfig({ objective: "flow" }), null);
    for (const changes of [{ start: image }, { denoiser: ofFlow }])
      expect((await of("heun", changes))[1]).not.toEqual((await of("ddim", changes))[1]);
  });
});

describe("a sampler", () => {
  it("frees all its tensors when it is disposed, finished or not", async () => {
    const before = tf.memory().numTensors;
    await frames();
    expect(tf.memory().numTensors).toBe(before);
    const sampler = new DigitSampler(optionsOf({ count: 2, chunkSize: 1 }));
    await sampler.nextFrame();
    await sampler.nextFrame();
    sampler.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("goes on with its copy of the weights when these are gone", async () => {
    const owned = denoiserOf(smallConfig(), null);
    const sampler = new DigitSampler({ ...optionsOf(), denoiser: owned });
    owned.values.dispose();
    let last = await sampler.nextFrame();
    while (!sampler.isDone) last = await sampler.nextFrame();
    sampler.dispose();
    expect(largestDifference(last.pixels, await digits())).toBe(0);
  });
});

describe("sampling between two images", () => {
  const images = toModelRange(noiseImages(2).images);
  const betweenAt = (t: number) => ({ from: "pair", images, t }) as const;
  const start = betweenAt(50);

  it("takes as large a part of the steps as of the timesteps", async () => {
    expect(await frames({ start, numSteps: 10 })).toHaveLength(6);
    // Ancestral, as the library's own: every one of them.
    expect(await frames({ start, numSteps: 100 })).toHaveLength(51);
    expect(await frames({ start: betweenAt(1), numSteps: 10 })).toHaveLength(2);
  });

  it("begins with the first image at one end and the second at the other, when hardly noised", async () => {
    const [start] = await frames({ start: betweenAt(0), count: 5, chunkSize: 2 });
    const pixels = start?.pixels ?? new Uint8Array();
    const original = Uint8Array.from(images, (value) => Math.round((value + 1) * 127.5));
    expect(relativeError(pixels.subarray(0, 784), original.subarray(0, 784))).toBeLessThan(0.05);
    expect(relativeError(pixels.subarray(4 * 784), original.subarray(784))).toBeLessThan(0.05);
  });

  it("changes by little from one image to the next, also with fresh noise in every step", async () => {
    const pixels = await digits({ start, count: 101, numSteps: 10, eta: 1, chunkSize: 40 });
    const image = (i: number) => pixels.subarray(784 * i, 784 * (i + 1));
    const whole = relativeError(image(0), image(100));
    expect(whole).toBeGreaterThan(0.2);
    for (let i = 0; i < 100; i++) {
      expect(relativeError(image(i), image(i + 1))).toBeLessThan(whole / 10);
    }
  });

  it("is half of both for a single one", async () => {
    const middle = await digits({ start, count: 3 });
    expect(await digits({ start, count: 1 })).toEqual(middle.slice(784, 2 * 784));
  });
});
