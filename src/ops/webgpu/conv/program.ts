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
  numOut: number;
  /** Whether the kernel is turned by 180 degrees and its channels swapped, as for dL/dx. */
  isTurned: boolean;
  /** Turned: the kernel's first input channel that is an output here. */
  firstOut: number;
}

export interface KernelGradient {
  backend: WebGPUBackend;
  /** As of `Conv`. */
  inputs: TensorInfo[];
  /** `[B, H, W, C_out]`. */
  dy: TensorInfo;
  kernelSize: number;
}

type OwnPart<T> = Pick<Program, "name" | "uniforms" | "numInvocations" | "workgroupSize"> & {
  /** All that the code depends on. */
  options: T;
  code: (options: T) => string;
};

export function channelsOf(inputs: readonly TensorInfo[]): number[] {
  return inputs.map(({ shape }) => shape[3] as number);
}

export function totalOf(channels: readonly number[]): number {
  return channels.reduce((sum, count) => sum + count, 0);
}

/** The width that all inputs can be read by. */
export function commonWidth(channels: readonly number[]): Width {
  return channels.every((count) => widthOf(count) === 4) ? 4 : 1;
}

/** @returns `[B, H, W, numOut]` */
export function runConv<T extends Record<"kernelWidth" | "outWidth", Width>>(
  { backend, inputs, kernel, bias, addend, numOut, firstOut }: Conv,
  { inWidths, options, uniforms, code, ...program }: OwnPart<T> & { inWidths: readonly Width[] },
): TensorInfo {
  const [numImages, height, width] = (inputs[0] as TensorInfo).shape as [number, number, number];
  const [, , kernelIn, kernelOut] = kernel.shape as [number, number, number, number];
  const { kernelWidth, outWidth } = options;
  const channels = channelsOf(inputs).map((count, i) => [`channels${i}`, count]);
  return run(backend, {
    ...program,
    variant: Object.values(options).join(),
    inputs: {
      ...numbered(inputs, inWidths),
      kernel: [kernel, kernelWidth],
      bias: bias && [bias, outWidth],
      addend: addend && [addend, outWidth],
    },
    uniforms: {
      ...uniforms,
      height,
      width,
      numOut,
      firstOut,
      kernelIn,
      kernelOut,
      ...Object.fromEntries(channels),
    },
    outputs: { result: [[numImages, height, width, numOut], outWidth] },
    code: () => code(options),
  }).result;
}

/** @returns kernel `[n, k, k, C, C_out]`, bias `[n, C_out]` */
export function runKernelGradient<T extends Record<"inWidth" | "outWidth", Width>>(
  { backend, inputs, dy, kernelSize }: KernelGradient,
  { options, uniforms, code, ...program }: OwnPart<T> & { uniforms: Record<"numParts", number> },
): Record<"kernel" | "bias", TensorInfo> {
  const [numImages, height, width, numOut] = dy.shape as [number, number, number, number];
  const { inWidth, outWidth } = options;
  const { numParts } = uniforms;
  const numIn = totalOf(channelsOf(inputs));
  return run(backend, {
    ...program,
    variant: Object.values(options).join(),
    inputs: {
      ...numbered(
        inputs,
        inputs.map(() => inWidth),
      ),
      dy: [dy, outWidth],
    },
    uniforms: { ...uniforms, numRows: numImages * height, height, width, numIn, numOut },
    outputs: {
      kernel: [[numParts, kernelSize, kernelSize, numIn, numOut], outWidth],
      bias: [[numParts, numOut], outWidth],
    },
    code: () => code(options),
  });
}

function numbered(inputs: readonly TensorInfo[], widths: readonly Width[]): Record<string, Input> {
  return Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, [tensor, widths[i] as Width]]));
}
