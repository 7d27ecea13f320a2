import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./withGradient.ts";

/**
 * Mean over the positions of each image, which is global average pooling (Lin et al. 2014).
 *
 * @param x `[B, H, W, C]`
 * @returns `[B, C]`
 */
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
