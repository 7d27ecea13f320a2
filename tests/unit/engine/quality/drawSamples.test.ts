import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { drawSamples } from "../../../../src/engine/quality/drawSamples.ts";
import { groupSeed } from "../../../../src/engine/random.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const sampler = { kind: "ddim", timesteps: 2, eta: 0 } as const;
const COUNT = 130;

function drawing(seed = 8) {
  const denoiser = denoiserOf(smallConfig(), null);
  return {
    denoiser,
    work: drawSamples({ denoiser, sampler, seed, count: COUNT, chunkSize: 50 }),
  };
}

describe("many samples", () => {
  it("are a hundred of the seed, then those of a seed that is mixed from it, as the page draws them", async () => {
    const { denoiser, work } = drawing();
    const fractions: number[] = [];
    let step = await work.next();
    for (; !step.done; step = await work.next()) fractions.push(step.value.fraction);
    const pixels = step.value;
    expect(fractions.map((fraction) => Math.round(COUNT * fraction))).toEqual([
      0, 50, 100, 100, 115, 130,
    ]);

    for (const [seed, start, count] of [
      [8, 0, 100],
      [groupSeed(8, 1), 100, 30],
    ] as const) {
      const page = new DigitSampler({
        ...{ denoiser, sampler, seed, count, chunkSize: 50, start: { from: "noise" } },
      });
      await page.nextFrame();
      await page.nextFrame();
      const drawn = (await page.nextFrame()).pixels;
      page.dispose();
      expect(Buffer.compare(pixels.subarray(start * 784, (start + count) * 784), drawn)).toBe(0);
    }
    denoiser.values.dispose();
  });

  it("have none in common with those of a neighbouring seed", async () => {
    const samples: string[] = [];
    for (const seed of [8, 9]) {
      const { denoiser, work } = drawing(seed);
      let step = await work.next();
      while (!step.done) step = await work.next();
      const pixels = Buffer.from(step.value);
      for (let i = 0; i < COUNT; i++) {
        samples.push(pixels.toString("latin1", i * 784, (i + 1) * 784));
      }
      denoiser.values.dispose();
    }
    expect(new Set(samples).size).toBe(2 * COUNT);
  });

  it("leave no tensor when they are ended early", async () => {
    const { denoiser, work } = drawing();
    const { numTensors } = tf.memory();
    await work.next();
    expect(tf.memory().numTensors).toBeGreaterThan(numTensors);
    await work.return(undefined as never);
    expect(tf.memory().numTensors).toBe(numTensors);
    denoiser.values.dispose();
  });
});
