/** Convolution with stride 1 that keeps the image size, in the kind of tiles that suits it. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelCall } from "../kernelCall.ts";
import { tilesOf } from "../tuning.ts";
import { kernelGradientRegisters } from "./kernelGradientRegisters.ts";
import { kernelGradientWorkgroup } from "./kernelGradientWorkgroup.ts";
import { type Conv, convSizes, gradientSizes, type KernelGradient } from "./program.ts";
import { convRegisters } from "./registers.ts";
import { convWorkgroup } from "./workgroup.ts";

/** y = conv(x, K) + bias + addend; `[B, H, W, C_out]`. */
export function convSame(call: KernelCall): TensorInfo {
  const { backend, concatenated: inputs } = call;
  const [bias, addend] = [call.optional("bias"), call.optional("addend")];
  return conv({ backend, inputs, kernel: call.input("kernel"), bias, addend });
}

/** The convolution of dY with the kernel turned by 180 degrees and its channels swapped. */
export function convSameInputGradient(call: KernelCall): TensorInfo {
  const { dy, kernel } = call.inputs("dy", "kernel");
  const turned = { firstOut: call.number("firstIn"), numOut: call.number("numIn") };
  const addend = call.optional("addend");
  return conv({ backend: call.backend, inputs: [dy], kernel, addend, turned });
}

export function convSameKernelGradient(call: KernelCall): TensorInfo[] {
  const { backend, concatenated: inputs } = call;
  const kernelSize = call.number("kernelSize");
  const sums = convKernelGradient({ backend, inputs, dy: call.input("dy"), kernelSize });
  return [sums.kernel, sums.bias];
}

/** @returns `[B, H, W, numOut]` */
export function conv(options: Conv): TensorInfo {
  const sizes = convSizes(options);
  const isWorkgroup = tilesOf(options.backend.device, sizes) === "workgroup";
  return isWorkgroup ? convWorkgroup(options, sizes) : convRegisters(options, sizes);
}

/**
 * Sums over n parts of the batch: K[ky, kx, c, o] = sum over b, y, x of X[b, y + ky - p, x + kx - p, c]
 * dY[b, y, x, o], and of the bias that of dY[b, y, x, o].
 */
export function convKernelGradient(options: KernelGradient) {
  const sizes = gradientSizes(options);
  const tiles = tilesOf(options.backend.device, sizes);
  const kernelGradient = tiles === "workgroup" ? kernelGradientWorkgroup : kernelGradientRegisters;
  return kernelGradient(options, sizes);
}
