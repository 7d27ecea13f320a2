/** What both kinds of tiles share: inputs, outputs and sizes of their programs. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Input, type Program, run, type Width, widthOf } from "../program.ts";

export interface Conv {
  backend: WebGPUBackend;
  /** `[B, H, W, C_i]`, as if concatenated along the channels; at most two. */
  inputs: TensorInfo[];
  /** `[k, k, C, C_out]`; turned, `[k, k, C_out + …, C]`. */
  kernel: TensorInfo;
  bias?: TensorInfo | undefined;
  /** Added to the result, `[B, H, W, numOut]`. */
  addend?: TensorInfo | undefined;
  /** For dL/dx: the kernel turned by 180 degrees, and of its input channels those that are outputs here. */
  turned?: Record<"firstOut" | "numOut", number>;
}

export interface KernelGradient extends Pick<Conv, "backend" | "inputs"> {
  /** `[B, H, W, C_out]`. */
  dy: TensorInfo;
  kernelSize: number;
}

/** Of the kernel `[n, k, k, C, C_out]` and of the bias `[n, C_out]`. */
export type KernelGradients = Record<"kernel" | "bias", TensorInfo>;

type OwnPart<T> = Pick<Program, "name" | "uniforms" | "numInvocations" | "workgroupSize"> & {
  /** All that the code depends on besides `ConvCode`. */
  options: T;
};

/** What the code of a convolution depends on in either kind of tiles. */
export interface ConvCode {
  kernelSize: number;
  isTurned: boolean;
  numInputs: number;
  hasBias: boolean;
  hasAddend: boolean;
}

export function convSizes({ inputs, kernel, turned }: Conv) {
  const [numImages, height, width] = (inputs[0] as TensorInfo).shape as [number, number, number];
  const [kernelSize, , kernelIn, kernelOut] = kernel.shape as [number, number, number, number];
  const { numOut = kernelOut, firstOut = 0 } = turned ?? {};
  const image = { numImages, height, width };
  return { ...image, kernelSize, kernelIn, kernelOut, numOut, firstOut, ...channelsOf(inputs) };
}

export function gradientSizes({ inputs, dy }: KernelGradient) {
  const [numImages, height, width, numOut] = dy.shape as [number, number, number, number];
  return { height, width, numOut, numRows: numImages * height, ...channelsOf(inputs) };
}

function channelsOf(inputs: readonly TensorInfo[]) {
  const channels = inputs.map(({ shape }) => shape[3] as number);
  const numIn = channels.reduce((sum, count) => sum + count, 0);
  /** That all inputs can be read by. */
  const inWidth: Width = channels.every((count) => widthOf(count) === 4) ? 4 : 1;
  return { channels, numIn, inWidth };
}

/** @returns `[B, H, W, numOut]` */
export function runConv<T extends Record<"kernelWidth" | "outWidth", Width>>(
  conv: Conv,
  program: OwnPart<T> & { inWidths: readonly Width[]; code: (options: T & ConvCode) => string },
): TensorInfo {
  const { backend, inputs, kernel, bias, addend } = conv;
  const { numImages, channels, kernelSize, numIn, inWidth, ...sizes } = convSizes(conv);
  const { inWidths, options: own, code, ...others } = program;
  const { kernelWidth, outWidth } = own;
  const options = {
    ...own,
    kernelSize,
    isTurned: conv.turned !== undefined,
    numInputs: inputs.length,
    hasBias: bias !== undefined,
    hasAddend: addend !== undefined,
  };
  const numbered = channels.map((count, i) => [`channels${i}`, count]);
  return run(backend, {
    ...others,
    variant: Object.values(options).join(),
    inputs: {
      ...byNumber(inputs, inWidths),
      kernel: [kernel, kernelWidth],
      bias: bias && [bias, outWidth],
      addend: addend && [addend, outWidth],
    },
    uniforms: { ...others.uniforms, ...sizes, ...Object.fromEntries(numbered) },
    outputs: { result: [[numImages, sizes.height, sizes.width, sizes.numOut], outWidth] },
    code: () => code(options),
  }).result;
}

export function runKernelGradient<T extends Record<"inWidth" | "outWidth", Width>>(
  gradient: KernelGradient,
  program: OwnPart<T> & { uniforms: { numParts: number }; code: (options: T & Shared) => string },
): KernelGradients {
  const { backend, inputs, dy, kernelSize } = gradient;
  const { channels, inWidth, ...sizes } = gradientSizes(gradient);
  const { options: own, code, ...others } = program;
  const { numParts } = others.uniforms;
  const { outWidth } = own;
  const options = { ...own, kernelSize, numInputs: inputs.length };
  const inWidths = inputs.map(() => inWidth);
  return run(backend, {
    ...others,
    variant: Object.values(options).join(),
    inputs: { ...byNumber(inputs, inWidths), dy: [dy, outWidth] },
    uniforms: { ...others.uniforms, ...sizes },
    outputs: {
      kernel: [[numParts, kernelSize, kernelSize, sizes.numIn, sizes.numOut], outWidth],
      bias: [[numParts, sizes.numOut], outWidth],
    },
    code: () => code(options),
  });
}

/** What the code of a kernel's gradient depends on in either kind of tiles. */
export type Shared = Pick<ConvCode, "kernelSize" | "numInputs">;

function byNumber(inputs: readonly TensorInfo[], widths: readonly Width[]): Record<string, Input> {
  return Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, [tensor, widths[i] as Width]]));
}
