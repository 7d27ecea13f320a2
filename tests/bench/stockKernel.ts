/** In place of `ops/kernel.ts` for the stock side of the benchmark: no kernels of our own. */
import type { Tensor } from "@tensorflow/tfjs-core";

export function runStep<T extends Tensor | Tensor[]>(
  _name: string,
  { composed }: { composed: () => T },
): T {
  return composed();
}
