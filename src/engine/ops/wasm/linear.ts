/** Fully connected layers: convolutions of images of one pixel, by a kernel of one. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { conv, kernelGradient } from "./conv.ts";
import type { KernelCall } from "./kernelCall.ts";

/** x W + b; `[B, O]`. */
export function linear(call: KernelCall): TensorInfo {
  const { x, weight, bias } = call.inputs("x", "weight", "bias");
  return asMatrix(conv(call, { inputs: [asImages(x)], kernel: asKernel(weight), bias }));
}

/** dY W^T plus the addend; `[B, I]`. */
export function linearInputGradient(call: KernelCall): TensorInfo {
  const { dy, weight } = call.inputs("dy", "weight");
  const turned = { firstOut: 0, numOut: weight.shape[0] as number };
  const addend = call.optional("addend");
  return asMatrix(conv(call, { inputs: [asImages(dy)], kernel: asKernel(weight), addend, turned }));
}

/** X^T dY, `[I, O]`, and the sums of dY over the rows, `[O]`. */
export function linearWeightGradient(call: KernelCall): TensorInfo[] {
  const { x, dy } = call.inputs("x", "dy");
  const gradient = { inputs: [asImages(x)], dy: asImages(dy), kernelSize: 1 };
  const [dKernel, dBias] = kernelGradient(call, gradient);
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
