import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";

/** Of an image. */
export const NUM_PIXELS = IMAGE_SIZE ** 2;

/** Images one after the other as a tensor `[values.length / NUM_PIXELS, 28, 28, 1]`. */
export function imageTensor(values: Float32Array): tf.Tensor4D {
  return tf.tensor4d(values, [values.length / NUM_PIXELS, IMAGE_SIZE, IMAGE_SIZE, 1]);
}
