import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { type Denoiser, denoiserOf } from "../../../src/train/gradient.ts";
import {
  DigitSampler,
  type SampleFrame,
  type SamplingOptions,
} from "../../../src/train/sampling.ts";
import { smallConfig } from "./smallRun.ts";

let denoiser: Denoiser;

beforeAll(async () => {
  await tf.setBackend("wasm");
  denoiser = denoiserOf(smallConfig(), null);
});

type Changes = Partial<Omit<SamplingOptions, "denoiser">>;

async function frames(changes: Changes = {}): Promise<SampleFrame[]> {
  const options = { count: 3, numSteps: 5, eta: 0, seed: 0, chunkSize: 3, ...changes };
  const sampler = new DigitSampler({ denoiser, ...options });
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

describe("a sampler", () => {
  it("frees all its tensors when it is disposed, finished or not", async () => {
    const before = tf.memory().numTensors;
    await frames();
    expect(tf.memory().numTensors).toBe(before);
    const sampler = new DigitSampler({
      denoiser,
      count: 2,
      numSteps: 5,
      eta: 0,
      seed: 0,
      chunkSize: 1,
    });
    await sampler.nextFrame();
    await sampler.nextFrame();
    sampler.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("goes on with its copy of the weights when these are gone", async () => {
    const owned = denoiserOf(smallConfig(), null);
    const options = { count: 3, numSteps: 5, eta: 0, seed: 0, chunkSize: 3 };
    const sampler = new DigitSampler({ denoiser: owned, ...options });
    owned.values.dispose();
    let last = await sampler.nextFrame();
    while (!sampler.isDone) last = await sampler.nextFrame();
    sampler.dispose();
    expect(largestDifference(last.pixels, await digits())).toBe(0);
  });
});
