import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "./kernel.ts";

/**
 * Consecutive parts of a vector as tensors of the given shapes.
 *
 * @param vector as long as all shapes together
 */
export function splitVector(vector: tf.Tensor1D, shapes: readonly number[][]): tf.Tensor[] {
  const lengths = shapes.map(lengthOf);
  const parts = runStep<tf.Tensor[]>("SplitVector", {
    inputs: { vector },
    attributes: { lengths },
    composed: () => composedSplit(vector, lengths),
  });
  return parts.map((part, i) => tf.reshape(part, shapes[i] as number[]));
}

function composedSplit(vector: tf.Tensor1D, lengths: number[]): tf.Tensor[] {
  if (tf.getBackend() !== "wasm") return tf.split(vector, lengths);
  // This backend copies the whole vector for every slice of it: a second for 3.4M parameters.
  const values = vector.dataSync<"float32">();
  let end = 0;
  return lengths.map((length) => {
    const start = end;
    end += length;
    return tf.tensor1d(values.subarray(start, end));
  });
}

/**
 * Gradients of consecutive parts of a vector as the gradient of the vector. A kernel that sums over the
 * batch does so in parts, for want of atomic additions: these are added up here, all in one go.
 *
 * @param gradients of each shape, or `[n, ...shape]`, to be summed over n
 */
export function joinSums(
  gradients: readonly tf.Tensor[],
  shapes: readonly (readonly number[])[],
): tf.Tensor1D {
  const lengths = shapes.map(lengthOf);
  return runStep<tf.Tensor1D>("JoinSums", {
    // Integers as names keep their order.
    inputs: Object.fromEntries(gradients.entries()),
    attributes: { lengths },
    composed: () =>
      tf.concat1d(gradients.map((gradient, i) => summed(gradient, lengths[i] as number))),
  });
}

function summed(gradient: tf.Tensor, length: number): tf.Tensor1D {
  if (gradient.size === length) return tf.reshape(gradient, [length]);
  return tf.sum(tf.reshape(gradient, [gradient.size / length, length]), 0);
}

function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
