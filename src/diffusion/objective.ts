import * as tf from "@tensorflow/tfjs-core";
import type { Mixing } from "./forward.ts";

/**
 * What the network learns to predict: v = sqrt(alphaBar) eps - sqrt(1 - alphaBar) x_0
 * (Salimans and Ho 2022, appendix D).
 */
export function targetV(x0: tf.Tensor4D, eps: tf.Tensor4D, mixing: Mixing): tf.Tensor4D {
  return tf.sub(tf.mul(eps, mixing.signal), tf.mul(x0, mixing.noise));
}

/** x_0 = sqrt(alphaBar) x_t - sqrt(1 - alphaBar) v. */
export function predictStart(xT: tf.Tensor4D, v: tf.Tensor4D, mixing: Mixing): tf.Tensor4D {
  return tf.sub(tf.mul(xT, mixing.signal), tf.mul(v, mixing.noise));
}

/** eps from x_t and an x_0: (x_t - sqrt(alphaBar) x_0) / sqrt(1 - alphaBar). */
export function predictNoise(xT: tf.Tensor4D, x0: tf.Tensor4D, mixing: Mixing): tf.Tensor4D {
  return tf.div(tf.sub(xT, tf.mul(x0, mixing.signal)), mixing.noise);
}
