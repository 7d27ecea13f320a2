import * as tf from "@tensorflow/tfjs-core";

/**
 * Sum over images and positions: the gradient of a bias.
 *
 * @param x `[B, H, W, C]`
 * @returns `[C]`
 */
export function channelSums(x: tf.Tensor4D): tf.Tensor1D {
  return tf.sum(spatialSums(x), [0, 1, 2]);
}

/**
 * Sum over the positions of each image; as an average pool because that needs no transposition.
 *
 * @param x `[B, H, W, C]`
 * @returns `[B, 1, 1, C]`
 */
export function spatialSums(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return tf.mul(tf.avgPool(x, [height, width], 1, "valid"), height * width);
}
