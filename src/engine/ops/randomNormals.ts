import * as tf from "@tensorflow/tfjs-core";
import { type RandomKey, randomNormals, subKey } from "../random.ts";
import { runStep } from "./kernel.ts";

/**
 * Standard normal numbers, a row for each key, `[keys.length, rowLength]`: the same as `randomNormals` in
 * random.ts, up to float32 rounding on a backend with its own kernel.
 */
export function normalRows(keys: readonly RandomKey[], rowLength: number): tf.Tensor2D {
  return runStep("RandomNormals", {
    inputs: {},
    attrs: { subKeys: keys.flatMap(subKey), rowLength },
    composed: () => {
      const rows = new Float32Array(keys.length * rowLength);
      keys.forEach((key, i) => {
        rows.set(randomNormals(key, rowLength), i * rowLength);
      });
      return tf.tensor2d(rows, [keys.length, rowLength]);
    },
  });
}
