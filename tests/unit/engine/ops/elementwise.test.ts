import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { gelu, plus, silu, siluGradient } from "../../../../src/engine/ops/elementwise.ts";
import { normal } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

describe.each(BACKENDS)("on %s", (backend) => {
  /** Values of an elementwise function at some numbers. */
  async function at(numbers: number[], compute: (x: tf.Tensor) => tf.Tensor) {
    await tf.setBackend(backend);
    return Array.from(await compute(tf.tensor1d(numbers)).data<"float32">());
  }

  it("plus is the sum, or the first alone", async () => {
    expect(await at([1, 2], (x) => plus(x, x))).toEqual([2, 4]);
    expect(await at([1, 2], (x) => plus(x, undefined))).toEqual([1, 2]);
  });

  it("silu is x sigmoid(x)", async () => {
    const numbers = [-30, -2, -0.5, 0, 0.5, 2, 30];
    const values = await at(numbers, silu);
    values.forEach((value, i) => {
      const x = numbers[i] as number;
      expect(value).toBeCloseTo(x / (1 + Math.exp(-x)), 5);
    });
  });

  it("silu has the stock gradient", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 7])],
      operation: silu,
      oracle: (x) => tf.mul(x, tf.sigmoid(x)),
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
    const values = await at([-3, -1, 0, 1, 2], gelu);
    [-0.00404969, -0.15865525, 0, 0.84134475, 1.95449974].forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 5);
    });
  });

  it("gelu has the stock gradient", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 7])],
      operation: gelu,
      oracle: (x) => tf.mul(x, tf.add(0.5, tf.mul(0.5, tf.erf(tf.div(x, Math.SQRT2))))),
    });
  });
});
