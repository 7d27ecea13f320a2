import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "../ops/kernel.ts";

/** How many squares are added up in a partial sum. */
const ROW_LENGTH = 1024;

/** Euclidean norm over all parameters, `[P]`. */
export function globalNorm(gradient: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() =>
    runStep("GlobalNorm", { inputs: { gradient }, composed: () => composedNorm(gradient) }),
  );
}

function composedNorm(gradient: tf.Tensor1D): tf.Scalar {
  // In two stages, since float32 adds a small square to the sum of millions with an error of 1e-3.
  const padding = (ROW_LENGTH - (gradient.size % ROW_LENGTH)) % ROW_LENGTH;
  const rows = tf.reshape(tf.pad(gradient, [[0, padding]]), [-1, ROW_LENGTH]);
  return tf.sqrt<tf.Scalar>(tf.sum(tf.sum(tf.square(rows), 1)));
}

/**
 * The gradient, `[P]`, scaled down to `maxNorm` when its norm is larger (Pascanu et al. 2013), with
 * PyTorch's 1e-6 in the denominator.
 */
export function clipByGlobalNorm(
  gradient: tf.Tensor1D,
  { norm, maxNorm }: { norm: tf.Scalar; maxNorm: number },
): tf.Tensor1D {
  return tf.mul(gradient, tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1));
}
