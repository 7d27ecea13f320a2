import * as tf from "@tensorflow/tfjs-core";

/**
 * Decay of the moving average at a step: rises as 1 - (1 + step)^(-2/3) up to `maxDecay`, so that
 * early samples are not those of the random start (the warm-up of lucidrains' ema_pytorch).
 *
 * @param step 1-based count of updates
 */
export function emaDecayAt(step: number, maxDecay: number): number {
  return Math.min(1 - (1 + step) ** (-2 / 3), maxDecay);
}

/** average decay + values (1 - decay); `[P]`. */
export function emaStep(average: tf.Tensor1D, values: tf.Tensor1D, decay: number): tf.Tensor1D {
  return tf.add(tf.mul(average, decay), tf.mul(values, 1 - decay));
}
