import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "./kernel.ts";
import { withGradient } from "./tape.ts";

/** a + b of equal shapes, or a if there is no b. */
export function plus<T extends tf.Tensor>(a: T, b: T | undefined): T {
  return b ? tf.add<T>(a, b) : a;
}

/** a + b of equal shapes, both of which get a gradient. */
export function sumOf<T extends tf.Tensor>(a: T, b: T): T {
  return withGradient([a, b], () => ({
    value: tf.add<T>(a, b),
    // The tape owns each gradient by itself.
    gradient: (dy) => [dy, tf.clone(dy)],
  }));
}

/** Gives the numbers of x another shape; their gradient goes back to the shape of x. */
export function reshaped<T extends tf.Tensor>(x: tf.Tensor, shape: T["shape"]): T {
  return withGradient([x], () => ({
    value: tf.reshape(x, shape),
    gradient: (dy) => [tf.reshape(dy, x.shape)],
  }));
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
