/** Convolution with stride 1 that keeps the image size, in the kind of tiles that suits it. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { ConvOptions, KernelGradientOptions } from "../../kernel.ts";
import { run } from "../program.ts";
import { tilesOf, tuningOf } from "../tuning.ts";
import { gradientRegisterTiles } from "./kernelGradientRegisters.ts";
import { gradientWorkgroupTiles } from "./kernelGradientWorkgroup.ts";
import { registerTiles } from "./registers.ts";
import { convSizes, gradientSizes } from "./sizes.ts";
import { workgroupTiles } from "./workgroup.ts";

/** y = conv(x, K) + bias + addend, or dL/dx; `[B, H, W, numOut]`. */
export function conv(backend: WebGPUBackend, options: ConvOptions): TensorInfo {
  const sizes = convSizes(options);
  const { device } = backend;
  const isWorkgroup = tilesOf(device, sizes) === "workgroup";
  const tiles = isWorkgroup ? workgroupTiles(sizes, tuningOf(device)) : registerTiles(sizes);
  const { x0, x1, kernel, bias, addend } = options;
  const { numImages, height, width, kernelSize, kernelIn, kernelOut, kernelWidth } = sizes;
  const { isTurned, channels, numOut, firstOut, outWidth } = sizes;
  const { name, numInvocations, workgroupSize, code, inWidths, variant } = tiles;
  // Not spread: here that costs JavaScript more than all else.
  const uniforms = Object.assign(tiles.uniforms, { height, width, numOut, firstOut });
  Object.assign(uniforms, { kernelIn, kernelOut });
  channels.forEach((count, i) => {
    uniforms[`channels${i}`] = count;
  });
  return run(backend, {
    name,
    variant: `${kernelSize},${isTurned},${variant}`,
    inputs: {
      x0: [x0, inWidths[0] ?? 1],
      x1: x1 && [x1, inWidths[1] ?? 1],
      kernel: [kernel, kernelWidth],
      bias: bias && [bias, outWidth],
      addend: addend && [addend, outWidth],
    },
    uniforms,
    outputs: { result: [[numImages, height, width, numOut], outWidth, "activation"] },
    numInvocations,
    workgroupSize,
    work: () => ({
      flops: 2 * kernelSize ** 2 * sizes.numIn * numOut * numImages * height * width,
    }),
    code,
  }).result;
}

/**
 * Sums over n parts of the batch: K[ky, kx, c, o] = sum over b, y, x of X[b, y + ky - p, x + kx - p, c]
 * dY[b, y, x, o], and of the bias that of dY[b, y, x, o].
 *
 * @returns of the kernel `[n, k, k, C, C_out]` and of the bias `[n, C_out]`
 */
export function kernelGradient(
  backend: WebGPUBackend,
  options: KernelGradientOptions,
): [kernel: TensorInfo, bias: TensorInfo] {
  const sizes = gradientSizes(options);
  const { device } = backend;
  const isWorkgroup = tilesOf(device, sizes) === "workgroup";
  const tilesFor = isWorkgroup ? gradientWorkgroupTiles : gradientRegisterTiles;
  const { name, variant, uniforms, numParts, ...tiles } = tilesFor(sizes, tuningOf(device));
  const { x0, x1, dy } = options;
  const { kernelSize, height, width, numRows, numIn, inWidth, numOut, outWidth } = sizes;
  const { kernel, bias } = run(backend, {
    name,
    variant: `${kernelSize},${variant}`,
    inputs: { x0: [x0, inWidth], x1: x1 && [x1, inWidth], dy: [dy, outWidth] },
    uniforms: Object.assign(uniforms, { numParts, numRows, height, width, numIn, numOut }),
    outputs: {
      kernel: [[numParts, kernelSize, kernelSize, numIn, numOut], outWidth, "gradient"],
      bias: [[numParts, numOut], outWidth, "gradient"],
    },
    numInvocations: tiles.numInvocations,
    workgroupSize: tiles.workgroupSize,
    work: () => ({
      flops: 2 * kernelSize ** 2 * numIn * numOut * numRows * width,
      serialPositions: tiles.serialPositions,
    }),
    code: tiles.code,
  });
  return [kernel, bias];
}
