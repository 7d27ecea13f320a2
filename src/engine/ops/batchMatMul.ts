import * as tf from "@tensorflow/tfjs-core";
import { runsAsStock } from "./stock.ts";

interface Transposition {
  transposeA?: boolean;
  transposeB?: boolean;
}

/** From so many multiplications on, a separate call for each matrix is faster on WebAssembly. */
const WORTH_A_CALL = 30_000;

/**
 * Matrix products over the last two axes; the first two must be equal.
 *
 * @param a `[B, h, M, K]`, or `[B, h, K, M]` if transposed
 * @param b `[B, h, K, N]`, or `[B, h, N, K]` if transposed
 * @returns `[B, h, M, N]`
 */
export function batchMatMul(a: tf.Tensor4D, b: tf.Tensor4D, transposition: Transposition = {}) {
  const { transposeA = false, transposeB = false } = transposition;
  const numColumns = b.shape[transposeB ? 2 : 3];
  const numProducts = a.shape[0] * a.shape[1];
  const isWorthCalls = (a.size / numProducts) * numColumns >= WORTH_A_CALL;
  if (runsAsStock() || tf.getBackend() !== "wasm" || !isWorthCalls) {
    return tf.matMul<tf.Tensor4D>(a, b, transposeA, transposeB);
  }
  return oneByOne(a, b, { transposeA, transposeB });
}

/** The WebAssembly backend multiplies single matrices 2 to 6 times faster than batches of them. */
function oneByOne(a: tf.Tensor4D, b: tf.Tensor4D, transposition: Required<Transposition>) {
  const [numImages, heads] = a.shape;
  const numRows = a.shape[transposition.transposeA ? 3 : 2];
  const numColumns = b.shape[transposition.transposeB ? 2 : 3];
  const matrixOfA = matrices(a, transposition.transposeA);
  const matrixOfB = matrices(b, transposition.transposeB);
  const size = numRows * numColumns;
  const products = new Float32Array(numImages * heads * size);
  for (let i = 0; i < numImages * heads; i++) {
    const product = tf.tidy(() => tf.matMul(matrixOfA(i), matrixOfB(i)));
    products.set(product.dataSync<"float32">(), i * size);
    product.dispose();
  }
  return tf.tensor4d(products, [numImages, heads, numRows, numColumns]);
}

/** Returns the matrices of a batch one by one, since slicing would copy the whole batch each time. */
function matrices(batch: tf.Tensor4D, transposed: boolean): (index: number) => tf.Tensor2D {
  const [, , numRows, numColumns] = batch.shape;
  const values = batch.dataSync<"float32">();
  const size = numRows * numColumns;
  return (index) => {
    const part = values.subarray(index * size, (index + 1) * size);
    const matrix = tf.tensor2d(part, [numRows, numColumns]);
    return transposed ? tf.transpose(matrix) : matrix;
  };
}
