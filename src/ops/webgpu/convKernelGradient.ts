/** Gradients of a convolution's kernel and bias, in the kind of tiles that suits them. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { kernelGradientRegisters } from "./convKernelGradientRegisters.ts";
import { kernelGradientWorkgroup } from "./convKernelGradientWorkgroup.ts";
import { tilesOf } from "./tuning.ts";

export interface KernelGradient {
  backend: WebGPUBackend;
  /** `[B, H, W, C_i]`, as if concatenated along the channels; at most two. */
  inputs: TensorInfo[];
  /** `[B, H, W, C_out]`. */
  dy: TensorInfo;
  kernelSize: number;
}

/**
 * Sums over n parts of the batch: K[ky, kx, c, o] = sum over b, y, x of X[b, y + ky - p, x + kx - p, c]
 * dY[b, y, x, o], and of the bias that of dY[b, y, x, o].
 *
 * @returns kernel `[n, k, k, C, C_out]`, bias `[n, C_out]`
 */
export function convKernelGradient(options: KernelGradient): Record<"kernel" | "bias", TensorInfo> {
  const { backend, inputs, dy, kernelSize } = options;
  const [, , imageWidth, numOut] = dy.shape as [number, number, number, number];
  const numIn = inputs.reduce((sum, { shape }) => sum + (shape[3] as number), 0);
  const tiles = tilesOf(backend.device, { kernelSize, imageWidth, numIn, numOut });
  return tiles === "workgroup"
    ? kernelGradientWorkgroup(options)
    : kernelGradientRegisters(options);
}
