import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { joinGradients, splitParameters } from "../../../../src/engine/ops/parameterVector.ts";
import { BACKENDS } from "./oracle.ts";

const shaped = (...shapes: number[][]) => shapes.map((shape) => ({ shape }));

describe.each(BACKENDS)("splitParameters on %s", (backend) => {
  it("gives consecutive parts in the shapes asked for", async () => {
    await tf.setBackend(backend);
    const parts = splitParameters(shaped([2, 3], [1], [2, 1, 2, 1]), tf.range(0, 11));
    expect(parts.map((part) => part.arraySync())).toEqual([
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      [6],
      [[[[7], [8]]], [[[9], [10]]]],
    ]);
  });

  it("gives parts that outlive the vector", async () => {
    await tf.setBackend(backend);
    const vector = tf.tensor1d([1, 2, 3]);
    const parts = splitParameters(shaped([1], [2]), vector);
    vector.dispose();
    expect(parts.map((part) => part.arraySync())).toEqual([[1], [2, 3]]);
  });

  it("is undone by joinSums, which adds up what comes in parts", async () => {
    await tf.setBackend(backend);
    const gradients = [tf.tensor2d([1, 2], [1, 2]), tf.ones([3, 2, 1]), tf.tensor1d([7])];
    const joined = joinGradients(shaped([1, 2], [2, 1], [1]), gradients);
    expect(Array.from(await joined.data())).toEqual([1, 2, 3, 3, 7]);
  });
});
