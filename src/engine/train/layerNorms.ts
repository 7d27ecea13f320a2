import type { Tensor1D } from "@tensorflow/tfjs-core";
import { layerGroups } from "../nn/layerGroups.ts";
import type { ParameterSpec } from "../nn/parameters.ts";
import type { StepReport } from "./reports.ts";

/**
 * The Euclidean norms of the gradient and of the weights, `[P]` each, layer by layer (`layerGroups`). They are
 * read from the device and summed here: seldom, and exact where float32 is not.
 */
export async function layerNorms(
  parameters: readonly ParameterSpec[],
  { gradient, values }: { gradient: Tensor1D; values: Tensor1D },
): Promise<Required<Pick<StepReport, "layerGradNorms" | "layerWeightNorms">>> {
  const groups = layerGroups(parameters);
  const [ofGradient, ofWeights] = await Promise.all([gradient.data(), values.data()]);
  const norms = (vector: ArrayLike<number>) =>
    groups.map(({ start, end }) => {
      let sum = 0;
      for (let i = start; i < end; i++) sum += (vector[i] as number) ** 2;
      return Math.sqrt(sum);
    });
  return { layerGradNorms: norms(ofGradient), layerWeightNorms: norms(ofWeights) };
}
