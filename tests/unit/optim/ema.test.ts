import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { emaDecayAt, emaStep } from "../../../src/optim/ema.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the decay of the moving average", () => {
  it.each([
    [1, 1 - 2 ** (-2 / 3)], // 0.370
    [7, 3 / 4],
    [26, 8 / 9],
    [999, 0.99],
  ])("is 1 - (1 + step)^(-2/3) at step %i", (step, decay) => {
    expect(emaDecayAt(step, 0.9999)).toBeCloseTo(decay, 12);
  });

  it("rises to the limit and stays there", () => {
    expect(emaDecayAt(998, 0.99)).toBeLessThan(0.99);
    expect(emaDecayAt(1001, 0.99)).toBe(0.99);
    expect(emaDecayAt(1e6, 0.99)).toBe(0.99);
  });
});

describe("a step of the moving average", () => {
  it("keeps the share `decay` of the average", async () => {
    const average = emaStep(tf.tensor1d([1, 8]), tf.tensor1d([5, 0]), 0.75);
    expect(Array.from(await average.data())).toEqual([2, 6]);
  });
});
