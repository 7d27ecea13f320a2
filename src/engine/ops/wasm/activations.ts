import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import type { Workspace } from "./workspace.ts";

export function activation(
  workspace: Workspace,
  { inputs, attrs }: Kernels["Activation"],
): TensorInfo {
  const { x } = inputs;
  const y = workspace.output(x.shape);
  const isGelu = Number(attrs.name === "gelu");
  const size = util.sizeFromShape(x.shape);
  workspace.module.activation(workspace.address(x), 0, workspace.address(y), size, isGelu);
  return y;
}

/** dL/dx from dL/dy. */
export function activationGradient(
  workspace: Workspace,
  { inputs: { x, dy }, attrs }: Kernels["ActivationGradient"],
): TensorInfo {
  const dX = workspace.output(x.shape);
  const addresses = [x, dy, dX].map((tensor) => workspace.address(tensor));
  const isGelu = Number(attrs.name === "gelu");
  workspace.module.activationGradient(...addresses, util.sizeFromShape(x.shape), isGelu);
  return dX;
}
