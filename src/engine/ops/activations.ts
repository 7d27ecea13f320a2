/** Activations of fully connected layers, and their slopes. */

import * as tf from "@tensorflow/tfjs-core";
import { type ActivationName, runStep } from "./kernel.ts";

const FUNCTIONS: Record<
  ActivationName,
  { value: (x: tf.Tensor) => tf.Tensor; gradient: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor }
> = {
  /** SiLU, x sigmoid(x) (Elfwing et al. 2018). */
  silu: { value: (x) => tf.mul(x, tf.sigmoid(x)), gradient: siluGradient },
  /** Exact GELU, x Phi(x) with the normal distribution function Phi (Hendrycks and Gimpel 2016). */
  gelu: {
    value: (x) => tf.mul(x, phi(x)),
    gradient: (dy, x) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(phi(x), tf.mul(x, density)));
    },
  },
};

/** f(x), or x itself where there is none. */
export function activated<T extends tf.Tensor>(name: ActivationName | null, x: T): T {
  if (!name) return x;
  return runStep("Activation", {
    inputs: { x },
    attrs: { name },
    composed: () => FUNCTIONS[name].value(x) as T,
  });
}

/** dL/dx from dL/df(x). */
export function activationGradient<T extends tf.Tensor>(name: ActivationName, x: T, dy: T): T {
  return runStep("ActivationGradient", {
    inputs: { x, dy },
    attrs: { name },
    composed: () => FUNCTIONS[name].gradient(dy, x) as T,
  });
}

/** dL/dv for y = v sigmoid(v): dy s (1 + v (1 - s)), s = sigmoid(v). */
export function siluGradient<T extends tf.Tensor>(dy: T, v: tf.Tensor): T {
  const s = tf.sigmoid(v);
  const y = tf.mul(v, s);
  // s (1 + v (1 - s)) = s + y - y s
  return tf.mul(dy, tf.add(s, tf.sub(y, tf.mul(y, s))));
}

function phi(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}
