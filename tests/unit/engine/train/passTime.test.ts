import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { timePasses } from "../../../../src/engine/train/passTime.ts";
import { smallConfig } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A clock that goes on by this much whenever it is read, which a step does twice: it takes that long. */
function clockOf(stepMs: number) {
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    nowMs += stepMs;
    return nowMs;
  });
}

async function timed(stepsAhead = 0) {
  const compile = vi.fn(async (rehearse: () => void) => rehearse());
  // A rate that would leave the range of numbers at once, batches that would take three times as long, and no teacher.
  const config = smallConfig({ learningRate: 1e30, gradientAccumulation: 3, distilFrom: 8 });
  const passes = timePasses({ config, numImages: 2, replicas: [], stepsAhead, compile });
  const fractions: number[] = [];
  for (;;) {
    const { done, value } = await passes.next();
    if (done) return { stepMs: value, fractions, compile };
    fractions.push(value);
  }
}

describe("the time of a step", () => {
  it("is what the training session tells, of three steps where they are not short", async () => {
    clockOf(200);
    const { stepMs, fractions, compile } = await timed();
    expect(stepMs).toBe(200);
    // One is told before anything is done, and one once the programs are compiled.
    expect(fractions).toHaveLength(2 + 3);
    expect(fractions[0]).toBe(0);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(compile).toHaveBeenCalledOnce();
  });

  it("is of one step where a step takes seconds", async () => {
    clockOf(5000);
    const { stepMs, fractions } = await timed();
    expect([stepMs, fractions.length]).toEqual([5000, 2 + 1]);
  });

  it("is of many steps where they are short, and no more than there are images for", async () => {
    clockOf(1e-3);
    for (const stepsAhead of [0, 1]) {
      expect((await timed(stepsAhead)).fractions).toHaveLength(2 + 32);
    }
  });

  it("leaves no tensor, also where it is cancelled", async () => {
    clockOf(200);
    const before = tf.memory().numTensors;
    await timed(1);
    expect(tf.memory().numTensors).toBe(before);
    const passes = timePasses({
      config: smallConfig(),
      numImages: 2,
      replicas: [],
      stepsAhead: 1,
      compile: async () => {},
    });
    await passes.next();
    await passes.next();
    expect(tf.memory().numTensors).toBeGreaterThan(before);
    await passes.return(0);
    expect(tf.memory().numTensors).toBe(before);
  });
});
