import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { runStep } from "../ops/kernel.ts";
import { runningMean } from "./ema.ts";
import type { OptimizerInputs } from "./optimizerStep.ts";

/** Running means of the gradient and of its square, `[P]` each. */
export type AdamWState = { mean: tf.Tensor1D; square: tf.Tensor1D };

type AdamWInputs = Omit<OptimizerInputs, "config" | "parameters"> & {
  config: Pick<RunConfig, "beta1" | "beta2" | "adamEps" | "weightDecay">;
};

/**
 * One step of AdamW (Loshchilov and Hutter 2019, algorithm 2), in PyTorch's order of operations:
 *
 * m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g^2,
 * p = (1 - lr wd) p - lr / (1 - beta1^step) m / (sqrt(s) / sqrt(1 - beta2^step) + eps),
 *
 * over all parameters at once.
 */
export function adamW({ values, gradient, state, step, learningRate, config }: AdamWInputs): {
  values: tf.Tensor1D;
  state: AdamWState;
} {
  const { beta1, beta2, adamEps: eps, weightDecay } = config;
  const before = state as AdamWState;
  const kept = 1 - learningRate * weightDecay;
  const rate = learningRate / (1 - beta1 ** step);
  const inverseRoot = 1 / Math.sqrt(1 - beta2 ** step);
  const [next, mean, square] = runStep("AdamW", {
    inputs: { values, gradient, ...before },
    attrs: { beta1, beta2, kept, rate, inverseRoot, eps },
    composed: (): [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D] => {
      const mean = runningMean(before.mean, gradient, beta1);
      const square = runningMean(before.square, tf.square(gradient), beta2);
      const denominator = tf.add(tf.mul(tf.sqrt(square), inverseRoot), eps);
      const update = tf.mul(tf.div(mean, denominator), rate);
      return [tf.sub(tf.mul(values, kept), update), mean, square];
    },
  });
  return { values: next, state: { mean, square } };
}
