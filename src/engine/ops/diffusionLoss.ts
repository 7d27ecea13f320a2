import * as tf from "@tensorflow/tfjs-core";
import { runStep } from "./kernel.ts";

/**
 * Weight x mean squared error over the pixels, summed over the images, and the gradient of that sum by the
 * prediction, `[B, H, W, 1]`. A sum lets micro-batches of any size add up.
 *
 * @param prediction `[B, H, W, 1]`
 * @param target `[B, H, W, 1]`
 * @param weights `[B, 1, 1, 1]`
 */
export function diffusionLoss(prediction: tf.Tensor4D, target: tf.Tensor4D, weights: tf.Tensor4D) {
  // Terms of the loss, of each image or of parts of it.
  const [terms, slope] = runStep("DiffusionLoss", {
    inputs: { prediction, target, weights },
    composed: (): [tf.Tensor1D, tf.Tensor4D] => {
      const [numImages] = prediction.shape;
      const numPixels = prediction.size / numImages;
      const error = tf.sub<tf.Tensor4D>(prediction, target);
      const weighted = tf.mul<tf.Tensor4D>(error, tf.div(weights, numPixels));
      const products = tf.reshape(tf.mul(error, weighted), [numImages, numPixels]);
      return [tf.sum(products, 1), tf.mul(weighted, 2)];
    },
  });
  return { loss: tf.sum<tf.Scalar>(terms), slope };
}

/** The terms of `diffusionLoss`: weight x mean squared error of each image, `[B]`. */
export function lossPerImage(prediction: tf.Tensor4D, target: tf.Tensor4D, weights: tf.Tensor4D) {
  const squared = tf.squaredDifference<tf.Tensor4D>(prediction, target);
  return tf.mul<tf.Tensor1D>(
    tf.mean(squared, [1, 2, 3]),
    tf.reshape(weights, [prediction.shape[0]]),
  );
}
