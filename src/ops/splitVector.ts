import * as tf from "@tensorflow/tfjs-core";

/**
 * Consecutive parts of a vector as tensors of the given shapes.
 *
 * @param vector as long as all shapes together
 */
export function splitVector(vector: tf.Tensor1D, shapes: readonly number[][]): tf.Tensor[] {
  const sizes = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
  if (tf.getBackend() !== "wasm") {
    return tf.split(vector, sizes).map((part, i) => tf.reshape(part, shapes[i] as number[]));
  }
  // This backend copies the whole vector for every slice of it: a second for 3.4M parameters.
  const values = vector.dataSync<"float32">();
  let end = 0;
  return shapes.map((shape, i) => {
    const start = end;
    end += sizes[i] as number;
    return tf.tensor(values.subarray(start, end), shape);
  });
}
