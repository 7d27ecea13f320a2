import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import type { Workspace } from "./workspace.ts";

/** Euclidean norm, a scalar. */
export function globalNorm(workspace: Workspace, { inputs }: Kernels["GlobalNorm"]): TensorInfo {
  const { gradient } = inputs;
  const norm = workspace.output([]);
  const size = util.sizeFromShape(gradient.shape);
  workspace.module.globalNorm(workspace.address(gradient), workspace.address(norm), size);
  return norm;
}

/** AdamW's step, and its running means of the gradient and of the gradient's square; `[P]` each. */
export function adamW(workspace: Workspace, { inputs, attrs }: Kernels["AdamW"]): TensorInfo[] {
  const { values, gradient, mean, square } = inputs;
  const { beta1, beta2, kept, rate, inverseRoot, eps } = attrs;
  const outputs = [values, mean, square].map(({ shape }) => workspace.output(shape));
  workspace.module.adamW(
    ...[values, gradient, mean, square, ...outputs].map((tensor) => workspace.address(tensor)),
    ...[util.sizeFromShape(values.shape), beta1, 1 - beta1, beta2, 1 - beta2],
    ...[kept, rate, inverseRoot, eps],
  );
  return outputs;
}
