import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { emaDecayAt, emaStep } from "../../../../src/engine/optim/ema.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** Numbers of ema_pytorch's `EMA` around a single weight that is `step` after each step. */
const REFERENCE = [
  {
    options: { emaDecay: 0.9, emaUpdateAfter: 3, emaUpdateEvery: 1 },
    averages: { 1: 1, 2: 2, 4: 4, 5: 4.62996, 6: 5.28861, 8: 6.66279, 11: 8.81687, 40: 31.95891 },
  },
  {
    options: { emaDecay: 0.75, emaUpdateAfter: 4, emaUpdateEvery: 3 },
    averages: { 1: 1, 2: 1, 4: 4, 5: 4, 6: 4, 8: 5.44225, 11: 6.82258, 20: 12.4564, 40: 31.32789 },
  },
];

describe("the moving average", () => {
  it.each(REFERENCE)("is ema_pytorch's with %o", async ({ options, averages }) => {
    let average = tf.tensor1d([0]);
    for (let step = 1; step <= 40; step++) {
      average = emaStep(average, tf.tensor1d([step]), emaDecayAt(step, options));
      const expected = (averages as Record<number, number>)[step];
      if (expected !== undefined) expect((await average.data())[0]).toBeCloseTo(expected, 4);
    }
  });
});

describe("the decay of the moving average", () => {
  const always = { emaUpdateAfter: 0, emaUpdateEvery: 1 };

  it("is that of a copy at the first step, whatever the average was", () => {
    expect(emaDecayAt(1, { emaDecay: 0.9, ...always })).toBe(0);
    expect(emaDecayAt(1, { emaDecay: 0.9, emaUpdateAfter: 100, emaUpdateEvery: 10 })).toBe(0);
  });

  it("rises to the limit and stays there", () => {
    expect(emaDecayAt(999, { emaDecay: 0.99, ...always })).toBeLessThan(0.99);
    expect(emaDecayAt(1002, { emaDecay: 0.99, ...always })).toBe(0.99);
    expect(emaDecayAt(1e6, { emaDecay: 0.99, ...always })).toBe(0.99);
  });
});

describe("a step of the moving average", () => {
  it("keeps the share `decay` of the average", async () => {
    const average = emaStep(tf.tensor1d([1, 8]), tf.tensor1d([5, 0]), 0.75);
    expect(Array.from(await average.data())).toEqual([2, 6]);
  });

  it("without any decay is a copy, also of an average that is no number", async () => {
    const average = emaStep(tf.tensor1d([Number.NaN]), tf.tensor1d([5]), 0);
    expect(Array.from(await average.data())).toEqual([5]);
  });
});
