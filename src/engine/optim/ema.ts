import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";

/**
 * Decay of the moving average at a step, as lucidrains' ema_pytorch has it: with `k = step - 1`,
 * 0 while k <= emaUpdateAfter, then 1 - (1 + k - emaUpdateAfter)^(-2/3), at most `emaDecay`. So the random
 * initial weights are soon forgotten. At steps between two updates it is 1.
 *
 * @param step 1-based count of optimizer steps
 */
export function emaDecayAt(
  step: number,
  config: Pick<RunConfig, "emaDecay" | "emaUpdateAfter" | "emaUpdateEvery">,
): number {
  const k = step - 1;
  if (k % config.emaUpdateEvery !== 0) return 1;
  return Math.min(1 - (1 + Math.max(0, k - config.emaUpdateAfter)) ** (-2 / 3), config.emaDecay);
}

/** average decay + values (1 - decay); `[P]`, a new tensor. */
export function emaStep(average: tf.Tensor1D, values: tf.Tensor1D, decay: number): tf.Tensor1D {
  if (decay === 1) return tf.clone(average);
  // A case of its own, since 0 times a NaN or infinite average would be NaN.
  if (decay === 0) return tf.clone(values);
  return runningMean(average, values, decay);
}

/** beta average + (1 - beta) values; a new tensor of that shape. */
export function runningMean(average: tf.Tensor1D, values: tf.Tensor1D, beta: number): tf.Tensor1D {
  return tf.add(tf.mul(average, beta), tf.mul(values, 1 - beta));
}
