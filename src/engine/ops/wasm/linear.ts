/** Fully connected layers: convolutions of images of one pixel, by a kernel of one. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { conv, kernelGradient } from "./conv.ts";
import type { Workspace } from "./workspace.ts";

/** x W + b; `[B, O]`. */
export function linear(workspace: Workspace, { inputs }: Kernels["Linear"]): TensorInfo {
  const { x, weight, bias } = inputs;
  return asMatrix(conv(workspace, { x0: asImages(x), kernel: asKernel(weight), bias }));
}

/** dY W^T plus the addend; `[B, I]`. */
export function linearInputGradient(
  workspace: Workspace,
  { inputs: { dy, weight, addend } }: Kernels["LinearInputGradient"],
): TensorInfo {
  const turned = { firstIn: 0, numIn: weight.shape[0] as number };
  return asMatrix(conv(workspace, { x0: asImages(dy), kernel: asKernel(weight), addend, turned }));
}

/** X^T dY, `[I, O]`, and the sums of dY over the rows, `[O]`. */
export function linearWeightGradient(
  workspace: Workspace,
  { inputs: { x, dy } }: Kernels["LinearWeightGradient"],
): TensorInfo[] {
  const gradient = { x0: asImages(x), dy: asImages(dy), kernelSize: 1 };
  const [dKernel, dBias] = kernelGradient(workspace, gradient);
  return [{ ...dKernel, shape: dKernel.shape.slice(2) }, dBias];
}

/** `[B, C]` as `[B, 1, 1, C]`. */
function asImages(matrix: TensorInfo): TensorInfo {
  const [numRows, numColumns] = matrix.shape as [number, number];
  return { ...matrix, shape: [numRows, 1, 1, numColumns] };
}

/** `[I, O]` as `[1, 1, I, O]`. */
function asKernel(matrix: TensorInfo): TensorInfo {
  return { ...matrix, shape: [1, 1, ...matrix.shape] };
}

/** `[B, 1, 1, C]` as `[B, C]`. */
function asMatrix(images: TensorInfo): TensorInfo {
  const [numRows, , , numColumns] = images.shape as [number, number, number, number];
  return { ...images, shape: [numRows, numColumns] };
}
