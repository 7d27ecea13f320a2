/** Convolution with stride 1 that keeps the image size, in the kind of tiles that suits it. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelCall } from "../kernelCall.ts";
import { tilesOf } from "../tuning.ts";
import { kernelGradientRegisters } from "./kernelGradientRegisters.ts";
import { kernelGradientWorkgroup } from "./kernelGradientWorkgroup.ts";
import { type Conv, channelsOf, type KernelGradient, totalOf } from "./program.ts";
import { convRegisters } from "./registers.ts";
import { convWorkgroup } from "./workgroup.ts";

/** y = conv(x, K) + bias + addend; `[B, H, W, C_out]`. */
export function convSame(call: KernelCall): TensorInfo {
  const kernel = call.input("kernel");
  return conv({
    backend: call.backend,
    inputs: call.concatenated,
    kernel,
    bias: call.optional("bias"),
    addend: call.optional("addend"),
    numOut: kernel.shape[3] as number,
    isTurned: false,
    firstOut: 0,
  });
}

/** The convolution of dY with the kernel turned by 180 degrees and its channels swapped. */
export function convSameInputGradient(call: KernelCall): TensorInfo {
  return conv({
    backend: call.backend,
    inputs: [call.input("dy")],
    kernel: call.input("kernel"),
    addend: call.optional("addend"),
    numOut: call.number("numIn"),
    isTurned: true,
    firstOut: call.number("firstIn"),
  });
}

export function convSameKernelGradient(call: KernelCall): TensorInfo[] {
  const { kernel, bias } = convKernelGradient({
    backend: call.backend,
    inputs: call.concatenated,
    dy: call.input("dy"),
    kernelSize: call.number("kernelSize"),
  });
  return [kernel, bias];
}

/** @returns `[B, H, W, numOut]` */
export function conv(options: Conv): TensorInfo {
  const { backend, inputs, kernel, numOut } = options;
  const tiles = tilesOf(backend.device, {
    kernelSize: kernel.shape[0] as number,
    imageWidth: inputs[0]?.shape[2] as number,
    numIn: totalOf(channelsOf(inputs)),
    numOut,
  });
  return tiles === "workgroup" ? convWorkgroup(options) : convRegisters(options);
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
  const numIn = totalOf(channelsOf(inputs));
  const tiles = tilesOf(backend.device, { kernelSize, imageWidth, numIn, numOut });
  return tiles === "workgroup"
    ? kernelGradientWorkgroup(options)
    : kernelGradientRegisters(options);
}
