import {
  engine,
  getBackend,
  getKernel,
  type NamedTensorMap,
  type Tensor,
} from "@tensorflow/tfjs-core";
import { runsAsStock } from "./stock.ts";

/** Steps of operations for which a backend may bring a kernel of its own. */
export type KernelName =
  | "ConvSame"
  | "ConvSameInputGradient"
  | "ConvSameKernelGradient"
  | "RmsNorm"
  | "RmsNormGradient"
  | "Attention"
  | "AttentionGradient"
  | "SplitVector"
  | "JoinSums"
  | "Linear"
  | "LinearWeightGradient"
  | "LinearInputGradient"
  | "Activation"
  | "ActivationGradient"
  | "DiffusionLoss"
  | "RandomNormals"
  | "GlobalNorm"
  | "AdamW";

/** One step of an operation: the backend's own kernel of this name where it has one. */
export function runStep<T extends Tensor | Tensor[]>(
  name: KernelName,
  step: {
    /** Those that are undefined count as not given. */
    inputs: Record<string, Tensor | undefined>;
    attributes?: Record<string, number | number[] | string>;
    /** The same of plain TensorFlow.js operations, for every other backend, and the kernel's oracle. */
    composed: () => T;
  },
): T {
  const { inputs, attributes = {}, composed } = step;
  if (runsAsStock() || !getKernel(name, getBackend())) return composed();
  return engine().runKernel<T>(name, inputs as NamedTensorMap, attributes);
}
