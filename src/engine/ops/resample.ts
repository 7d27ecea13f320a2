import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./tape.ts";

/**
 * Pixel-unshuffle: every 2x2 square of pixels becomes the channels of one (Shi et al. 2016).
 * The channels are ordered (row in the square, column, channel), which keeps each pixel's channels
 * together in memory; PyTorch's order is (channel, row, column), see `engine/nn/layout.ts`.
 *
 * @param x `[B, 2H, 2W, C]`
 * @returns `[B, H, W, 4C]`
 */
export function pixelUnshuffle(x: tf.Tensor4D): tf.Tensor4D {
  const [numImages, height, width, channels] = x.shape;
  const squares = [numImages, height / 2, 2, width / 2, 2, channels];
  const halved = [numImages, height / 2, width / 2, 4 * channels];
  return withGradient([x], () => ({
    value: tf.reshape(tf.transpose(tf.reshape(x, squares), [0, 1, 3, 2, 4, 5]), halved),
    gradient: (dy) => {
      const pixels = tf.reshape(dy, [numImages, height / 2, width / 2, 2, 2, channels]);
      return [tf.reshape(tf.transpose(pixels, [0, 1, 3, 2, 4, 5]), x.shape)];
    },
  }));
}

/** Nearest-neighbor upsampling of `[B, H, W, C]` to `[B, 2H, 2W, C]`: every pixel becomes a 2x2 square. */
export function upsampleNearest(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return withGradient([x], () => ({
    value: tf.image.resizeNearestNeighbor(x, [2 * height, 2 * width]),
    // The sum over each square. The stock gradient is wrong on one backend and slow on others.
    gradient: (dy) => [tf.mul(tf.avgPool(dy as tf.Tensor4D, 2, 2, "valid"), 4)],
  }));
}
