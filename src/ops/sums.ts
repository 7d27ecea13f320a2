import * as tf from "@tensorflow/tfjs-core";

/**
 * Sum over all axes but the last: the gradient of a bias. Written as a product with a row of ones,
 * since the stock reduction transposes the whole tensor first.
 *
 * @param x `[..., C]`
 * @returns `[C]`
 */
export function columnSums(x: tf.Tensor): tf.Tensor1D {
  const numColumns = x.shape[x.shape.length - 1] as number;
  const numRows = x.size / numColumns;
  const ones = tf.ones<tf.Rank.R2>([1, numRows]);
  return tf.reshape(tf.matMul(ones, tf.reshape(x, [numRows, numColumns])), [numColumns]);
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
