import * as tf from "@tensorflow/tfjs-core";
import { ARCHITECTURES, type ImageShape, numValuesOf } from "../nn/architectures.ts";
import { normalRows } from "../ops/randomNormals.ts";
import type { RandomKey } from "../random.ts";

/** Images one after the other as a tensor `[B, H, W, 1]`; of 28 x 28 unless another shape is given. */
export function imageTensor(
  values: Float32Array,
  shape: ImageShape = ARCHITECTURES.unet.shape,
): tf.Tensor4D {
  return tf.tensor4d(values, [values.length / numValuesOf(shape), ...shape, 1]);
}

/** Standard normal noise, an image for each key: `[keys.length, H, W, 1]`; of 28 x 28 unless another shape is given. */
export function normalImages(
  keys: readonly RandomKey[],
  shape: ImageShape = ARCHITECTURES.unet.shape,
): tf.Tensor4D {
  return tf.tidy(() =>
    tf.reshape(normalRows(keys, numValuesOf(shape)), [keys.length, ...shape, 1]),
  );
}
