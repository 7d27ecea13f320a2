import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "./kernel.ts";

interface Shaped {
  shape: readonly number[];
}

/**
 * All parameters as tensors of their own, from one that holds them in the order of the specs.
 *
 * @param flat as long as all shapes together
 */
export function splitParameters(specs: readonly Shaped[], flat: tf.Tensor1D): tf.Tensor[] {
  const lengths = specs.map(lengthOf);
  const parts = runStep<tf.Tensor[]>("SplitVector", {
    inputs: { vector: flat },
    attributes: { lengths },
    composed: () => composedSplit(flat, lengths),
  });
  return parts.map((part, i) => tf.reshape(part, [...(specs[i] as Shaped).shape]));
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
 * Gradients of all parameters in one tensor, in the order of the specs. A kernel that sums over the batch
 * does so in parts, for want of atomic additions: these are added up here, all in one go.
 *
 * @param gradients of each shape, or `[n, ...shape]`, to be summed over n
 */
export function joinGradients(
  specs: readonly Shaped[],
  gradients: readonly tf.Tensor[],
): tf.Tensor1D {
  const lengths = specs.map(lengthOf);
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

function lengthOf({ shape }: Shaped): number {
  return tf.util.sizeFromShape([...shape]);
}
