import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import {
  type ValidationOptions,
  type ValidationProgress,
  validate,
  validationTimesteps,
} from "../../../../src/engine/train/validation.ts";
import { noiseImages, smallConfig } from "./smallRun.ts";

const { images } = noiseImages(7);
let denoiser: Denoiser;

beforeAll(async () => {
  await tf.setBackend("wasm");
  denoiser = denoiserOf(smallConfig(), null);
});

async function reports(
  chunkSize: number,
  of = images,
  freshKey: ValidationOptions["freshKey"] = null,
) {
  const all: Omit<ValidationProgress, "elapsedMs">[] = [];
  const passes = validate({
    denoiser,
    images: of,
    labels: null,
    chunkSize,
    replicas: [],
    freshKey,
  });
  for await (const { elapsedMs: _, ...report } of passes) all.push(report);
  return all;
}

describe("the timesteps of a validation", () => {
  it("are spread evenly over [0, T): one in each part, at its middle", () => {
    expect(Array.from(validationTimesteps(4, 1000)).sort((a, b) => a - b)).toEqual([
      125, 375, 625, 875,
    ]);
  });

  it("are each taken equally often when there are more images", () => {
    const numbers = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(numbers, ([numTimesteps, times]) => {
        const counts = new Int32Array(numTimesteps);
        for (const t of validationTimesteps(numTimesteps * times, numTimesteps)) {
          counts[t] = (counts[t] as number) + 1;
        }
        expect(counts.every((count) => count === times)).toBe(true);
      }),
    );
  });

  it("have nothing to do with the order of the images", () => {
    const timesteps = validationTimesteps(1000, 1000);
    const meanIndex = 499.5;
    const covariance = timesteps.reduce((sum, t, i) => sum + (t - 499.5) * (i - meanIndex), 0);
    expect(Math.abs(covariance / (1000 * (1000 ** 2 / 12)))).toBeLessThan(4 / Math.sqrt(1000));
  });
});

describe("the validation loss", () => {
  it("is the same on two calls", async () => {
    expect(await reports(3)).toEqual(await reports(3));
  });

  it("is another with fresh draws, and another again in the next epoch", async () => {
    const meanOf = async (freshKey: ValidationOptions["freshKey"]) =>
      (await reports(7, images, freshKey)).at(-1)?.meanLoss;
    const fixed = await meanOf(null);
    const [first, again, second] = [
      await meanOf({ seed: 1, index: 1 }),
      await meanOf({ seed: 1, index: 1 }),
      await meanOf({ seed: 1, index: 2 }),
    ];
    expect(first).toBe(again);
    expect(new Set([fixed, first, second]).size).toBe(3);
  });

  it("comes by timestep as well: the buckets' mean, weighted by their images", async () => {
    const { numImages, meanLoss, bucketLosses } = (await reports(3)).at(-1) as ValidationProgress;
    const counts = new Array<number>(10).fill(0);
    for (const t of validationTimesteps(numImages, 100)) {
      const bucket = Math.floor(t / 10);
      counts[bucket] = (counts[bucket] as number) + 1;
    }
    expect(bucketLosses).toHaveLength(10);
    const sum = bucketLosses.reduce(
      (total, loss, i) => total + (counts[i] ? loss * counts[i] : 0),
      0,
    );
    expect(sum / numImages).toBeCloseTo(meanLoss, 6);
    bucketLosses.forEach((loss, i) => {
      expect(Number.isNaN(loss)).toBe(counts[i] === 0);
    });
  });

  it("does not depend on the size of the chunks", async () => {
    const whole = (await reports(7)).at(-1)?.meanLoss as number;
    for (const chunkSize of [1, 3]) {
      expect((await reports(chunkSize)).at(-1)?.meanLoss).toBeCloseTo(whole, 5);
    }
  });

  it("is told after every chunk, with the mean so far", async () => {
    const each = (await reports(1)).map(({ meanLoss }) => meanLoss);
    const byThree = await reports(3);
    expect(byThree.map(({ numImages }) => numImages)).toEqual([3, 6, 7]);
    expect(byThree[0]?.meanLoss).toBeCloseTo(each[2] as number, 5);
    expect(byThree[1]?.meanLoss).toBeCloseTo(each[5] as number, 5);
  });

  it("is another for other images", async () => {
    const other = (await reports(7, noiseImages(7, 1).images)).at(-1)?.meanLoss;
    expect(other).not.toBe((await reports(7)).at(-1)?.meanLoss);
  });
});
