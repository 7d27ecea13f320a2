import * as tf from "@tensorflow/tfjs-core";
import type { Mixing } from "./forward.ts";

/** What the network predicts: v, the noise, or the image. */
export type Objective = "v" | "noise" | "x0";

/**
 * What the network is to predict for images x_0 mixed with noise eps:
 * v = sqrt(alphaBar) eps - sqrt(1 - alphaBar) x_0 (Salimans and Ho 2022, appendix D), eps, or x_0.
 */
export function targetOf(
  objective: Objective,
  { x0, eps, mixing }: { x0: tf.Tensor4D; eps: tf.Tensor4D; mixing: Mixing },
): tf.Tensor4D {
  switch (objective) {
    case "v":
      return tf.sub(tf.mul(eps, mixing.signal), tf.mul(x0, mixing.noise));
    case "noise":
      return eps;
    case "x0":
      return x0;
    default:
      throw objective satisfies never;
  }
}

/**
 * The x_0 that a prediction of the network means:
 * sqrt(alphaBar) x_t - sqrt(1 - alphaBar) v, or (x_t - sqrt(1 - alphaBar) eps) / sqrt(alphaBar).
 */
export function predictStart(
  objective: Objective,
  { xT, prediction, mixing }: { xT: tf.Tensor4D; prediction: tf.Tensor4D; mixing: Mixing },
): tf.Tensor4D {
  switch (objective) {
    case "v":
      return tf.sub(tf.mul(xT, mixing.signal), tf.mul(prediction, mixing.noise));
    case "noise":
      return tf.div(tf.sub(xT, tf.mul(prediction, mixing.noise)), mixing.signal);
    case "x0":
      return prediction;
    default:
      throw objective satisfies never;
  }
}

/** eps from x_t and an x_0: (x_t - sqrt(alphaBar) x_0) / sqrt(1 - alphaBar). */
export function predictNoise(xT: tf.Tensor4D, x0: tf.Tensor4D, mixing: Mixing): tf.Tensor4D {
  return tf.div(tf.sub(xT, tf.mul(x0, mixing.signal)), mixing.noise);
}
