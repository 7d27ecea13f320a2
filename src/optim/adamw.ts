import * as tf from "@tensorflow/tfjs-core";

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  eps: number;
  /** Decoupled: parameters shrink by learningRate x weightDecay a step. */
  weightDecay: number;
}

/** Running means of the gradient and of its square, `[P]` each; the caller disposes them. */
export type AdamWMoments = {
  mean: tf.Tensor1D;
  square: tf.Tensor1D;
};

/**
 * One step of AdamW (Loshchilov and Hutter 2019, algorithm 2), in PyTorch's order of operations:
 *
 * m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g^2,
 * p = (1 - lr wd) p - lr / (1 - beta1^step) m / (sqrt(s) / sqrt(1 - beta2^step) + eps).
 *
 * @param values `[P]`
 * @param gradient `[P]`
 * @param step 1-based
 */
export function adamWStep(
  at: { values: tf.Tensor1D; gradient: tf.Tensor1D; moments: AdamWMoments; step: number },
  options: AdamWOptions,
): { values: tf.Tensor1D; moments: AdamWMoments } {
  const { learningRate, beta1, beta2, eps, weightDecay } = options;
  const { values, gradient, moments, step } = at;
  const mean = decay(moments.mean, gradient, beta1);
  const square = decay(moments.square, tf.square(gradient), beta2);
  const denominator = tf.add(tf.mul(tf.sqrt(square), 1 / Math.sqrt(1 - beta2 ** step)), eps);
  const update = tf.mul(tf.div(mean, denominator), learningRate / (1 - beta1 ** step));
  return {
    values: tf.sub(tf.mul(values, 1 - learningRate * weightDecay), update),
    moments: { mean, square },
  };
}

/** The running mean average (1 - beta) value + beta average. */
function decay(average: tf.Tensor1D, value: tf.Tensor1D, beta: number): tf.Tensor1D {
  return tf.add(tf.mul(average, beta), tf.mul(value, 1 - beta));
}
