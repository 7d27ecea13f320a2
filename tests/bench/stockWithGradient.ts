/**
 * In place of `ops/withGradient.ts` for the stock side of the benchmark: the same compositions, with
 * TensorFlow.js' own gradients.
 */
import type { Tensor } from "@tensorflow/tfjs-core";

export function withGradient<T extends Tensor>(
  _inputs: readonly Tensor[],
  compute: () => { value: Tensor },
): T {
  return compute().value as T;
}
