import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "./kernel.ts";

/**
 * Consecutive parts of a vector as tensors of the given shapes.
 *
 * @param vector as long as all shapes together
 */
export function splitVector(vector: tf.Tensor1D, shapes: readonly number[][]): tf.Tensor[] {
  const lengths = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
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

/** The values of all tensors one after the other: the inverse of `splitVector`. */
export function joinVectors(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return runStep<tf.Tensor1D>("JoinVectors", {
    // Integers as names keep their order.
    inputs: Object.fromEntries(tensors.entries()),
    composed: () => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [tensor.size]))),
  });
}
