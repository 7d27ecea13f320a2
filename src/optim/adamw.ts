import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "../ops/kernel.ts";
import { clipByGlobalNorm, type GradientLimit } from "./clip.ts";
import { emaStep } from "./ema.ts";

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

export interface AdamWStep {
  values: tf.Tensor1D;
  gradient: tf.Tensor1D;
  moments: AdamWMoments;
  /** 1-based. */
  step: number;
  /** Shortens the gradient before. */
  limit?: GradientLimit | undefined;
  /** A moving average of the values that makes its step after. */
  ema?: { average: tf.Tensor1D; decay: number } | undefined;
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019, algorithm 2), in PyTorch's order of operations:
 *
 * m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g^2,
 * p = (1 - lr wd) p - lr / (1 - beta1^step) m / (sqrt(s) / sqrt(1 - beta2^step) + eps),
 *
 * between the clipping of the gradient and the update of the moving average, over all parameters at
 * once; all tensors are `[P]`.
 */
export function adamWStep(
  { values, gradient, moments, step, limit, ema }: AdamWStep,
  options: AdamWOptions,
): { values: tf.Tensor1D; moments: AdamWMoments; average: tf.Tensor1D | undefined } {
  const { learningRate, beta1, beta2, eps, weightDecay } = options;
  const [mean, square] = runStep<[tf.Tensor1D, tf.Tensor1D]>("AdamWMoments", {
    inputs: { gradient, ...moments, ...(limit ? { norm: limit.norm } : {}) },
    attributes: { beta1, beta2, maxNorm: limit?.maxNorm ?? 0 },
    composed: () => {
      const g = limit ? clipByGlobalNorm(gradient, limit) : gradient;
      return [decay(moments.mean, g, beta1), decay(moments.square, tf.square(g), beta2)];
    },
  });
  const kept = 1 - learningRate * weightDecay;
  const rate = learningRate / (1 - beta1 ** step);
  const inverseRoot = 1 / Math.sqrt(1 - beta2 ** step);
  const [next, average] = runStep<tf.Tensor1D[]>("AdamWUpdate", {
    inputs: { values, mean, square, ...(ema ? { average: ema.average } : {}) },
    attributes: { kept, rate, inverseRoot, eps, decay: ema?.decay ?? 0 },
    composed: () => {
      const denominator = tf.add(tf.mul(tf.sqrt(square), inverseRoot), eps);
      const update = tf.mul(tf.div(mean, denominator), rate);
      const updated = tf.sub<tf.Tensor1D>(tf.mul(values, kept), update);
      return ema ? [updated, emaStep(ema.average, updated, ema.decay)] : [updated];
    },
  });
  return { values: next as tf.Tensor1D, moments: { mean, square }, average };
}

/** The running mean average (1 - beta) value + beta average. */
function decay(average: tf.Tensor1D, value: tf.Tensor1D, beta: number): tf.Tensor1D {
  return tf.add(tf.mul(average, beta), tf.mul(value, 1 - beta));
}
