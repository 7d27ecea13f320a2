import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";
import { normalRows } from "../ops/randomNormals.ts";
import type { RandomKey } from "../random.ts";

/** Images one after the other as a tensor `[values.length / NUM_PIXELS, 28, 28, 1]`. */
export function imageTensor(values: Float32Array): tf.Tensor4D {
  return tf.tensor4d(values, [values.length / NUM_PIXELS, IMAGE_SIZE, IMAGE_SIZE, 1]);
}

/** Standard normal noise, an image for each key: `[keys.length, 28, 28, 1]`. */
export function normalImages(keys: readonly RandomKey[]): tf.Tensor4D {
  return tf.tidy(() =>
    tf.reshape(normalRows(keys, NUM_PIXELS), [keys.length, IMAGE_SIZE, IMAGE_SIZE, 1]),
  );
}
