import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { type Condition, mixedCondition } from "../../../../src/engine/config/condition.ts";
import { drawSamples } from "../../../../src/engine/quality/drawSamples.ts";
import { groupSeed } from "../../../../src/engine/random.ts";
import { DigitSampler } from "../../../../src/engine/train/digitSampler.ts";
import { type Denoiser, denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const sampler = { kind: "ddim", timesteps: 2, eta: 0 } as const;
const COUNT = 130;

/** @param classes of the network, all of which are asked for in turn */
function drawing(seed = 8, classes = 0) {
  const config = smallConfig({ classes, guidance: 2 });
  const denoiser = denoiserOf(config, null);
  const condition = mixedCondition(config, COUNT);
  return {
    denoiser,
    condition,
    work: drawSamples({ denoiser, sampler, seed, count: COUNT, chunkSize: 50, condition }),
  };
}

async function finished(work: ReturnType<typeof drawSamples>): Promise<Uint8Array> {
  let step = await work.next();
  while (!step.done) step = await work.next();
  return step.value;
}

/** The finished digits of the page's own sampler. */
async function drawnByPage(options: {
  denoiser: Denoiser;
  seed: number;
  count: number;
  condition?: Condition;
}): Promise<Uint8Array> {
  const page = new DigitSampler({ ...options, sampler, chunkSize: 50, start: { from: "noise" } });
  let pixels = new Uint8Array();
  while (!page.isDone) ({ pixels } = await page.nextFrame());
  page.dispose();
  return pixels;
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
      const drawn = await drawnByPage({ denoiser, seed, count });
      expect(Buffer.compare(pixels.subarray(start * 784, (start + count) * 784), drawn)).toBe(0);
    }
    denoiser.values.dispose();
  });

  it("are of the classes asked for, also beyond the first hundred", async () => {
    // Of seven, no group begins with the first but the first.
    const { denoiser, condition, work } = drawing(8, 7);
    const pixels = await finished(work);
    const rest = { labels: condition?.labels.slice(100) ?? [], guidance: 2 };
    expect(rest.labels[0]).toBe(2);
    const seed = groupSeed(8, 1);
    const drawn = await drawnByPage({ denoiser, seed, count: 30, condition: rest });
    expect(Buffer.compare(pixels.subarray(100 * 784), drawn)).toBe(0);
    denoiser.values.dispose();
  });

  it("have none in common with those of a neighbouring seed", async () => {
    const samples: string[] = [];
    for (const seed of [8, 9]) {
      const { denoiser, work } = drawing(seed);
      const pixels = Buffer.from(await finished(work));
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
