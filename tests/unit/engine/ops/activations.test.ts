import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { activated, siluGradient } from "../../../../src/engine/ops/linear.ts";
import { BACKENDS } from "./oracle.ts";

describe.each(BACKENDS)("on %s", (backend) => {
  /** Values of a function at some numbers. */
  async function at(numbers: number[], compute: (x: tf.Tensor) => tf.Tensor) {
    await tf.setBackend(backend);
    return Array.from(await compute(tf.tensor1d(numbers)).data<"float32">());
  }

  it("silu is x sigmoid(x)", async () => {
    const numbers = [-30, -2, -0.5, 0, 0.5, 2, 30];
    const values = await at(numbers, (x) => activated("silu", x));
    values.forEach((value, i) => {
      const x = numbers[i] as number;
      expect(value).toBeCloseTo(x / (1 + Math.exp(-x)), 5);
    });
  });

  it("siluGradient is 1/2 at 0, goes to 1 and to 0, and stays finite far out", async () => {
    const slopes = await at([0, 40, -40, 1e4, -1e4], (x) => siluGradient(tf.onesLike(x), x));
    [0.5, 1, 0, 1, 0].forEach((slope, i) => {
      expect(slopes[i]).toBeCloseTo(slope, 5);
    });
  });

  it("gelu is x Phi(x), exact and not the tanh approximation", async () => {
    // Phi from tables; at 2 the tanh form gives 1.954598.
    const values = await at([-3, -1, 0, 1, 2], (x) => activated("gelu", x));
    [-0.00404969, -0.15865525, 0, 0.84134475, 1.95449974].forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 5);
    });
  });
});
