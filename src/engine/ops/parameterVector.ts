/**
 * All parameters of a network are one vector, `[P]`: its optimizer, moving average, gradient clipping and checkpoint are
 * then one operation each, however many layers there are. The network sees them as tensors of their own shapes, split off
 * in the order of the specs (`nn/parameters.ts`) at the beginning of a pass, and the gradients come back joined in the
 * same order at its end. On a graphics card a convolution's gradient is summed over the batch in several parts, since
 * there are no atomic additions of floats; joining adds these parts up on the way, so that no kernel is spent on that.
 */
import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "./kernel.ts";

interface Shaped {
  shape: readonly number[];
}

/** Splits the parameter vector, `[P]`, into a tensor for each parameter, in the order of the specs. */
export function splitParameters(specs: readonly Shaped[], flat: tf.Tensor1D): tf.Tensor[] {
  const shapes = specs.map(({ shape }) => [...shape]);
  return runStep("SplitVector", {
    inputs: { vector: flat },
    attrs: { shapes },
    composed: () =>
      tf
        .split<tf.Tensor>(flat, specs.map(lengthOf))
        .map((part, i) => tf.reshape(part, shapes[i] as number[])),
  });
}

/**
 * Joins the gradients of all parameters in one tensor, in the order of the specs. Kernels that sum over the
 * batch do so in n parts, since there are no atomic additions; the parts are added up here in one go.
 *
 * @param gradients of each shape, or `[n, ...shape]` to be summed over n
 * @returns `[P]`
 */
export function joinGradients(
  specs: readonly Shaped[],
  gradients: readonly tf.Tensor[],
): tf.Tensor1D {
  const lengths = specs.map(lengthOf);
  return runStep("JoinSums", {
    // Integer keys keep their order.
    inputs: Object.fromEntries(gradients.entries()),
    attrs: { lengths },
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
