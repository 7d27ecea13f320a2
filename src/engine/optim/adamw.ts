import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "../ops/kernel.ts";
import { runningMean } from "./ema.ts";
import type { OptimizerStep } from "./optimizerStep.ts";

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  eps: number;
  /** Decoupled: a step multiplies parameters by 1 - learningRate weightDecay. */
  weightDecay: number;
}

/** Running means of the gradient and of its square, `[P]` each; the caller disposes them. */
export type AdamWMoments = {
  mean: tf.Tensor1D;
  square: tf.Tensor1D;
};

export interface AdamWStep {
  values: tf.Tensor1D;
  gradient: tf.Tensor1D;
  moments: AdamWMoments;
  /** 1-based. */
  step: number;
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019, algorithm 2), in PyTorch's order of operations:
 *
 * m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g^2,
 * p = (1 - lr wd) p - lr / (1 - beta1^step) m / (sqrt(s) / sqrt(1 - beta2^step) + eps),
 *
 * over all parameters at once; all tensors are `[P]`.
 */
export function adamWStep(
  { values, gradient, moments, step }: AdamWStep,
  { learningRate, beta1, beta2, eps, weightDecay }: AdamWOptions,
): { values: tf.Tensor1D; moments: AdamWMoments } {
  const kept = 1 - learningRate * weightDecay;
  const rate = learningRate / (1 - beta1 ** step);
  const inverseRoot = 1 / Math.sqrt(1 - beta2 ** step);
  const [next, mean, square] = runStep("AdamW", {
    inputs: { values, gradient, ...moments },
    attrs: { beta1, beta2, kept, rate, inverseRoot, eps },
    composed: (): [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D] => {
      const mean = runningMean(moments.mean, gradient, beta1);
      const square = runningMean(moments.square, tf.square(gradient), beta2);
      const denominator = tf.add(tf.mul(tf.sqrt(square), inverseRoot), eps);
      const update = tf.mul(tf.div(mean, denominator), rate);
      return [tf.sub(tf.mul(values, kept), update), mean, square];
    },
  });
  return { values: next, moments: { mean, square } };
}

/** AdamW with the settings of a run. */
export const adamW: OptimizerStep = ({ values, gradient, state, step, learningRate, config }) => {
  const { beta1, beta2, adamEps: eps, weightDecay } = config;
  const options = { learningRate, beta1, beta2, eps, weightDecay };
  const next = adamWStep({ values, gradient, moments: state as AdamWMoments, step }, options);
  return { values: next.values, state: next.moments };
};
