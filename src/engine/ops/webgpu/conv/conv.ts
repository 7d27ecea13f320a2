/** Convolution with stride 1 that keeps the image size, in the kind of tiles that suits it. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { FusedConvOptions, KernelGradientOptions } from "../../kernel.ts";
import {
  disposeAll,
  type KernelCall,
  type Output,
  type Program,
  run,
  runKept,
  widthOf,
} from "../program.ts";
import { tilesOf, tuningOf } from "../tuning.ts";
import { gradientRegisterTiles } from "./kernelGradientRegisters.ts";
import { gradientWorkgroupTiles } from "./kernelGradientWorkgroup.ts";
import { registerTiles } from "./registers.ts";
import { convSizes, gradientSizes } from "./sizes.ts";
import { workgroupTiles } from "./workgroup.ts";

/** y = conv(x, K) + bias + addend, or dL/dx; `[B, H, W, numOut]`. */
export function conv(backend: WebGPUBackend, options: FusedConvOptions): TensorInfo {
  return convResults(backend, options)[0] as TensorInfo;
}

/** The convolution, and behind it the second result where there is one. */
function convResults(backend: WebGPUBackend, options: FusedConvOptions): TensorInfo[] {
  const { turned, numFirst, resample, ...inputs } = options;
  const values = [turned?.firstIn, turned?.numIn, numFirst, resample];
  return runKept(backend, { name: "conv", inputs, values }, () =>
    convProgram(backend.device, options),
  );
}

function convProgram(device: GPUDevice, options: FusedConvOptions): Program {
  const sizes = convSizes(options);
  const isWorkgroup = tilesOf(device, sizes) === "workgroup";
  const tiles = isWorkgroup ? workgroupTiles(sizes, tuningOf(device)) : registerTiles(sizes);
  const { x0, x1, kernel, bias, addend, addend1 } = options;
  const { numImages, height, width, kernelSize, kernelIn, kernelOut, kernelWidth } = sizes;
  const { isTurned, channels, numOut, firstOut, outWidth, numFirst, hasTwoResults } = sizes;
  const { name, numInvocations, workgroupSize, code, inWidths, variant } = tiles;
  const ofChannels = channels.map((count, i): [string, number] => [`channels${i}`, count]);
  const resultOf = (count: number): Output => [
    [numImages, height, width, count],
    outWidth,
    "activation",
  ];
  const hasSquares = isTurned && options.resample === "unshuffle";
  const result: Output = hasSquares
    ? [[numImages, 2 * height, 2 * width, numOut / 4], outWidth]
    : resultOf(hasTwoResults ? numFirst : numOut);
  return {
    name,
    variant: `${kernelSize},${isTurned},${options.resample ?? ""},${variant}`,
    inputs: {
      x0: [x0, inWidths[0] ?? 1],
      x1: x1 && [x1, inWidths[1] ?? 1],
      kernel: [kernel, kernelWidth],
      bias: bias && [bias, outWidth],
      addend: addend && [addend, outWidth],
      addend1: addend1 && [addend1, outWidth],
    },
    uniforms: {
      ...tiles.uniforms,
      height,
      width,
      numOut,
      firstOut,
      kernelIn,
      kernelOut,
      numFirst,
      ...Object.fromEntries(ofChannels),
    },
    outputs: hasTwoResults ? { result, result1: resultOf(numOut - numFirst) } : { result },
    numInvocations,
    workgroupSize,
    work: () => ({
      flops: 2 * kernelSize ** 2 * sizes.numIn * numOut * numImages * height * width,
    }),
    code,
  };
}

/** See `ConvSameInputGradients`: one program where both inputs are read in fours. */
export function inputGradients({
  backend,
  inputs: { dy, kernel, addend0, addend1 },
  attrs: { channels },
}: KernelCall<"ConvSameInputGradients">): TensorInfo[] {
  const [numFirst = 0, numSecond = 0] = channels;
  const given = { x0: dy, kernel };
  const turned = { firstIn: 0, numIn: numFirst + numSecond };
  if (channels.length === 1) {
    return [conv(backend, { ...given, addend: addend0, addend1, turned })];
  }
  if (channels.every((count) => count % 4 === 0)) {
    return convResults(backend, { ...given, addend: addend0, addend1, turned, numFirst });
  }
  return [
    conv(backend, { ...given, addend: addend0, turned: { firstIn: 0, numIn: numFirst } }),
    conv(backend, { ...given, addend: addend1, turned: { firstIn: numFirst, numIn: numSecond } }),
  ];
}

/** dL/dx of a convolution with resampled input, plus the addend. */
export function resampledInputGradient({
  backend,
  inputs: { dy, kernel, addend },
  attrs: { resample },
}: KernelCall<"ResampledConvInputGradient">): TensorInfo {
  const turned = { firstIn: 0, numIn: kernel.shape[2] as number };
  if (resample === "unshuffle") {
    return conv(backend, { x0: dy, kernel, addend, turned, resample });
  }
  const large = conv(backend, { x0: dy, kernel, turned });
  const [numImages, height, width, numChannels] = large.shape as [number, number, number, number];
  const floats = widthOf(numChannels);
  const shape = [numImages, height / 2, width / 2, numChannels];
  const size = util.sizeFromShape(shape) / floats;
  const { result } = run(backend, {
    name: "squareSums",
    inputs: { large: [large, floats], addend: addend && [addend, floats] },
    outputs: { result: [shape, floats] },
    uniforms: { size, channels: numChannels / floats, width: width / 2 },
    numInvocations: size,
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.size) { return; }
  let place = index / uniforms.channels;
  let row = 2 * uniforms.width * uniforms.channels;
  let at = 2 * (place + place / uniforms.width * uniforms.width) * uniforms.channels + index % uniforms.channels;
  let below = at + row;
  result[index] = (large[at] + large[at + uniforms.channels])
    + (large[below] + large[below + uniforms.channels])${addend ? " + addend[index]" : ""};
}`,
  });
  disposeAll(backend, [large]);
  return result;
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
  const { kernelSize, resample, ...inputs } = options;
  const given = { name: "kernelGradient", inputs, values: [kernelSize, resample] };
  const [kernel, bias] = runKept(backend, given, () =>
    kernelGradientProgram(backend.device, options),
  );
  return [kernel as TensorInfo, bias as TensorInfo];
}

function kernelGradientProgram(device: GPUDevice, options: KernelGradientOptions): Program {
  const sizes = gradientSizes(options);
  const isWorkgroup = tilesOf(device, sizes) === "workgroup";
  const tilesFor = isWorkgroup ? gradientWorkgroupTiles : gradientRegisterTiles;
  const { name, variant, uniforms, numParts, ...tiles } = tilesFor(sizes, tuningOf(device));
  const { x0, x1, dy } = options;
  const { kernelSize, height, width, numRows, numIn, inWidth, numOut, outWidth } = sizes;
  return {
    name,
    variant: `${kernelSize},${options.resample ?? ""},${variant}`,
    inputs: { x0: [x0, inWidth], x1: x1 && [x1, inWidth], dy: [dy, outWidth] },
    uniforms: { ...uniforms, numParts, numRows, height, width, numIn, numOut },
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
  };
}
