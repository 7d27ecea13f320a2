import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./withGradient.ts";

/**
 * Sum over the images of weight x mean squared error over the pixels. A sum, so that micro-batches
 * of a batch add up whatever their sizes; the caller divides by the size of the batch.
 *
 * @param prediction `[B, H, W, 1]`
 * @param target `[B, H, W, 1]`; gets no gradient
 * @param weights `[B, 1, 1, 1]`; gets no gradient
 */
export function diffusionLoss(
  prediction: tf.Tensor4D,
  target: tf.Tensor4D,
  weights: tf.Tensor4D,
): tf.Scalar {
  const numPixels = prediction.size / prediction.shape[0];
  return withGradient([prediction], () => {
    const error = tf.sub<tf.Tensor4D>(prediction, target);
    const weighted = tf.mul<tf.Tensor4D>(error, tf.div(weights, numPixels));
    return {
      value: tf.sum(tf.mul(error, weighted)),
      saved: [weighted],
      gradient: (dy) => [tf.mul(weighted, tf.mul(dy, 2))],
    };
  });
}

/**
 * The terms of `diffusionLoss`: each image's weight x mean squared error.
 *
 * @returns `[B]`
 */
export function lossPerImage(
  prediction: tf.Tensor4D,
  target: tf.Tensor4D,
  weights: tf.Tensor4D,
): tf.Tensor1D {
  const squared = tf.squaredDifference<tf.Tensor4D>(prediction, target);
  return tf.mul(tf.mean(squared, [1, 2, 3]), tf.reshape(weights, [prediction.shape[0]]));
}
