import * as tf from "@tensorflow/tfjs-core";

/** Euclidean norm over all parameters. */
export function globalNorm(gradient: tf.Tensor1D): tf.Scalar {
  return tf.sqrt(tf.sum(tf.square(gradient)));
}

/**
 * The gradient scaled down to `maxNorm` when its norm is larger (Pascanu et al. 2013), with
 * PyTorch's 1e-6 in the denominator.
 *
 * @param gradient `[P]`
 */
export function clipByGlobalNorm(
  gradient: tf.Tensor1D,
  norm: tf.Scalar,
  maxNorm: number,
): tf.Tensor1D {
  return tf.mul(gradient, tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1));
}
