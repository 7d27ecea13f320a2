import * as tf from "@tensorflow/tfjs-core";

export interface EmaOptions {
  /** Highest decay, 0 to 1 (ema_pytorch's `beta`). */
  decay: number;
  /** Steps after the first during which the average is a copy (`update_after_step`). */
  updateAfter: number;
  /** Steps between two updates (`update_every`). */
  updateEvery: number;
}

/**
 * Decay of the moving average at a step, as lucidrains' ema_pytorch has it: with `k = step - 1`,
 * 0 while k <= updateAfter, then 1 - (1 + k - updateAfter)^(-2/3), at most `decay`. So the random initial
 * weights are soon forgotten.
 *
 * @param step 1-based count of optimizer steps
 * @returns null at steps that do not update the average
 */
export function emaDecayAt(
  step: number,
  { decay, updateAfter, updateEvery }: EmaOptions,
): number | null {
  const k = step - 1;
  if (k % updateEvery !== 0) return null;
  return Math.min(1 - (1 + Math.max(0, k - updateAfter)) ** (-2 / 3), decay);
}

/** average decay + values (1 - decay); `[P]`, a new tensor. */
export function emaStep(average: tf.Tensor1D, values: tf.Tensor1D, decay: number): tf.Tensor1D {
  // A case of its own, since 0 times a NaN or infinite average would be NaN.
  if (decay === 0) return tf.clone(values);
  return runningMean(average, values, decay);
}

/** beta average + (1 - beta) values; a new tensor of that shape. */
export function runningMean(average: tf.Tensor1D, values: tf.Tensor1D, beta: number): tf.Tensor1D {
  return tf.add(tf.mul(average, beta), tf.mul(values, 1 - beta));
}
