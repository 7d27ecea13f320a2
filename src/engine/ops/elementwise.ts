import * as tf from "@tensorflow/tfjs-core";
import { type ActivationName, runStep } from "./kernel.ts";
import { withGradient } from "./tape.ts";

/** a + b of equal shapes, or a if there is no b. */
export function plus<T extends tf.Tensor>(a: T, b: T | undefined): T {
  return b ? tf.add<T>(a, b) : a;
}

/** x mask, elementwise; the mask gets no gradient. */
export function masked(x: tf.Tensor4D, mask: tf.Tensor4D): tf.Tensor4D {
  return withGradient([x], () => ({
    value: tf.mul(x, mask),
    gradient: (dy) => [tf.mul(dy, mask)],
  }));
}

/**
 * a x + b y, or a x - b y, of images `[B, H, W, 1]` with factors of each, `[B, 1, 1, 1]`, or one for all. No input gets a
 * gradient.
 */
export function mixImages(
  [x, a]: readonly [tf.Tensor4D, tf.Tensor4D],
  [y, b]: readonly [tf.Tensor4D, tf.Tensor4D],
  sign: 1 | -1 = 1,
): tf.Tensor4D {
  return runStep("MixImages", {
    inputs: { x, a, y, b },
    attrs: { sign },
    composed: () => {
      const [ofX, ofY] = [tf.mul<tf.Tensor4D>(x, a), tf.mul<tf.Tensor4D>(y, b)];
      return sign === 1 ? tf.add<tf.Tensor4D>(ofX, ofY) : tf.sub<tf.Tensor4D>(ofX, ofY);
    },
  });
}

/** SiLU, x sigmoid(x) (Elfwing et al. 2018). */
export function silu<T extends tf.Tensor>(x: T): T {
  return activation("silu", x, {
    value: () => tf.mul(x, tf.sigmoid(x)),
    gradient: (dy) => siluGradient(dy, x),
  });
}

/** dL/dv for y = v sigmoid(v): dy s (1 + v (1 - s)), s = sigmoid(v). */
export function siluGradient<T extends tf.Tensor>(dy: T, v: tf.Tensor): T {
  const s = tf.sigmoid(v);
  const y = tf.mul(v, s);
  // s (1 + v (1 - s)) = s + y - y s
  return tf.mul(dy, tf.add(s, tf.sub(y, tf.mul(y, s))));
}

/** Exact GELU, x Phi(x) with the normal distribution function Phi (Hendrycks and Gimpel 2016). */
export function gelu<T extends tf.Tensor>(x: T): T {
  const phi = () => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
  return activation("gelu", x, {
    value: () => tf.mul(x, phi()),
    gradient: (dy) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(phi(), tf.mul(x, density)));
    },
  });
}

function activation<T extends tf.Tensor>(
  name: ActivationName,
  x: T,
  { value, gradient }: { value: () => T; gradient: (dy: tf.Tensor) => tf.Tensor },
): T {
  const attrs = { name };
  return withGradient([x], () => ({
    value: runStep("Activation", { inputs: { x }, attrs, composed: value }),
    gradient: (dy) => {
      const composed = () => gradient(dy);
      return [runStep("ActivationGradient", { inputs: { x, dy }, attrs, composed })];
    },
  }));
}

/**
 * y + x W of y `[B, O]`, x `[B, I]` and W `[I, O]`: with a row of x all 0 but one 1, it adds a row of the table W.
 * x gets no gradient.
 */
export function addRows(y: tf.Tensor2D, x: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor2D {
  return withGradient([y, table], () => ({
    value: tf.add<tf.Tensor2D>(y, tf.matMul(x, table)),
    gradient: (dy) => [dy, tf.matMul(x, dy as tf.Tensor2D, true)],
  }));
}
