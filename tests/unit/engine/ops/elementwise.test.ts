import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { plus } from "../../../../src/engine/ops/elementwise.ts";
import { BACKENDS } from "./oracle.ts";

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
});
