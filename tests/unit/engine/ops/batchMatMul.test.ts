import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchMatMul } from "../../../../src/engine/ops/batchMatMul.ts";
import { type ArrayValue, normal, tensorOf } from "../../../evaluate.ts";
import { BACKENDS, expectClose } from "./oracle.ts";

const TRANSPOSITIONS = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

/** The threshold for a call of its own lies at 30,000 multiplications. */
const SIZES = [
  { m: 3, k: 5, n: 4 },
  { m: 37, k: 41, n: 29 },
];

describe.each(BACKENDS)("batchMatMul on %s", (backend) => {
  describe.each(SIZES)("of $m x $k and $k x $n", ({ m, k, n }) => {
    it.each(TRANSPOSITIONS)("is each image's and head's product: %o", async (transposition) => {
      await tf.setBackend(backend);
      const { transposeA, transposeB } = transposition;
      const a = normal([3, 2, ...(transposeA ? [k, m] : [m, k])]);
      const b = normal([3, 2, ...(transposeB ? [n, k] : [k, n])], 1);
      const expected: ArrayValue = { shape: [3, 2, m, n], values: new Float32Array(6 * m * n) };
      for (let product = 0; product < 6; product++) {
        for (let row = 0; row < m; row++) {
          for (let column = 0; column < n; column++) {
            let sum = 0;
            for (let i = 0; i < k; i++) {
              const ofA = transposeA ? i * m + row : row * k + i;
              const ofB = transposeB ? column * k + i : i * n + column;
              sum +=
                (a.values[product * m * k + ofA] as number) *
                (b.values[product * k * n + ofB] as number);
            }
            expected.values[(product * m + row) * n + column] = sum;
          }
        }
      }
      const [left, right] = [tensorOf<tf.Tensor4D>(a), tensorOf<tf.Tensor4D>(b)];
      const before = tf.memory().numTensors;
      const product = batchMatMul(left, right, transposition);
      expect(tf.memory().numTensors - before, "tensors made").toBe(1);
      expectClose(
        { shape: product.shape, values: await product.data<"float32">() },
        expected,
        "product",
      );
    });
  });
});
