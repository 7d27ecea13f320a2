import {
  engine,
  getBackend,
  getKernel,
  type NamedTensorMap,
  type Tensor,
} from "@tensorflow/tfjs-core";
import { runsAsStock } from "./stock.ts";

/** Steps of operations for which a backend may register its own kernel. */
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

/** Runs a step of an operation: by the backend's own kernel of this name if there is one, else composed. */
export function runStep<T extends Tensor | Tensor[]>(
  name: KernelName,
  step: {
    /** Undefined inputs are left out. */
    inputs: Record<string, Tensor | undefined>;
    attributes?: Record<string, number | number[] | string>;
    /** The step in plain TensorFlow.js operations, for other backends and for tests of the kernel. */
    composed: () => T;
  },
): T {
  const { inputs, attributes = {}, composed } = step;
  if (runsAsStock() || !getKernel(name, getBackend())) return composed();
  return engine().runKernel<T>(name, inputs as NamedTensorMap, attributes);
}
