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

export type ConvSizes = ReturnType<typeof convSizes>;

export function convSizes({ inputs, kernel, turned }: Conv) {
  const [numImages, height, width] = (inputs[0] as TensorInfo).shape as [number, number, number];
  const [kernelSize, , kernelIn, kernelOut] = kernel.shape as [number, number, number, number];
  const { channels, numIn, inWidth } = channelsOf(inputs);
  return {
    numImages,
    height,
    width,
    kernelSize,
    kernelIn,
    kernelOut,
    numOut: turned ? turned.numOut : kernelOut,
    firstOut: turned ? turned.firstOut : 0,
    channels,
    numIn,
    inWidth,
  };
}

export type GradientSizes = ReturnType<typeof gradientSizes>;

export function gradientSizes({ inputs, dy, kernelSize }: KernelGradient) {
  const [numImages, height, width, numOut] = dy.shape as [number, number, number, number];
  const { channels, numIn, inWidth } = channelsOf(inputs);
  const numRows = numImages * height;
  return { kernelSize, height, width, numOut, numRows, channels, numIn, inWidth };
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
  { backend, inputs, kernel, bias, addend, turned }: Conv,
  sizes: ConvSizes,
  program: OwnPart<T> & { inWidths: readonly Width[]; code: (options: T & ConvCode) => string },
): TensorInfo {
  const { numImages, height, width, kernelIn, kernelOut, numOut, firstOut, channels } = sizes;
  const { name, numInvocations, workgroupSize } = program;
  const { kernelWidth, outWidth } = program.options;
  // Written out: what is copied by rest and spread costs JavaScript more than all else here.
  const options = Object.assign(program.options, {
    kernelSize: sizes.kernelSize,
    isTurned: turned !== undefined,
    numInputs: inputs.length,
    hasBias: bias !== undefined,
    hasAddend: addend !== undefined,
  });
  const uniforms = program.uniforms;
  Object.assign(uniforms, { height, width, numOut, firstOut, kernelIn, kernelOut });
  channels.forEach((count, i) => {
    uniforms[`channels${i}`] = count;
  });
  const read = byNumber(inputs, program.inWidths);
  read.kernel = [kernel, kernelWidth];
  if (bias) read.bias = [bias, outWidth];
  if (addend) read.addend = [addend, outWidth];
  return run(backend, {
    name,
    variant: Object.values(options).join(),
    inputs: read,
    uniforms,
    outputs: { result: [[numImages, height, width, numOut], outWidth] },
    numInvocations,
    workgroupSize,
    code: () => program.code(options),
  }).result;
}

export function runKernelGradient<T extends Record<"inWidth" | "outWidth", Width>>(
  { backend, inputs, dy }: KernelGradient,
  sizes: GradientSizes,
  program: OwnPart<T> & { numParts: number; code: (options: T & Shared) => string },
): KernelGradients {
  const { kernelSize, height, width, numOut, numRows, numIn, inWidth } = sizes;
  const { name, numParts, numInvocations, workgroupSize } = program;
  const { outWidth } = program.options;
  const options = Object.assign(program.options, { kernelSize, numInputs: inputs.length });
  const own = { numParts, numRows, height, width, numIn, numOut };
  const read = byNumber(inputs, [inWidth, inWidth]);
  read.dy = [dy, outWidth];
  return run(backend, {
    name,
    variant: Object.values(options).join(),
    inputs: read,
    uniforms: Object.assign(program.uniforms, own),
    outputs: {
      kernel: [[numParts, kernelSize, kernelSize, numIn, numOut], outWidth],
      bias: [[numParts, numOut], outWidth],
    },
    numInvocations,
    workgroupSize,
    code: () => program.code(options),
  });
}

/** What the code of a kernel's gradient depends on in either kind of tiles. */
export type Shared = Pick<ConvCode, "kernelSize" | "numInputs">;

function byNumber(inputs: readonly TensorInfo[], widths: readonly Width[]): Record<string, Input> {
  const read: Record<string, Input> = {};
  inputs.forEach((tensor, i) => {
    read[`x${i}`] = [tensor, widths[i] as Width];
  });
  return read;
}
