/** Sizes of a convolution and of its kernel's gradient, and what each kind of tiles decides. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { ConvOptions, KernelGradientOptions } from "../../kernel.ts";
import { type Program, type Width, widthOf } from "../program.ts";

/** What a kind of tiles decides of a program. */
interface Tiles
  extends Pick<Program, "name" | "uniforms" | "numInvocations" | "workgroupSize" | "code"> {
  /** What the code depends on besides the inputs, their widths and the kernel. */
  variant: number[];
}

export interface ConvTiles extends Tiles {
  /** That `x0` and `x1` are read by. */
  inWidths: Width[];
}

export interface GradientTiles extends Tiles {
  /** Sums over so many parts of the batch. */
  numParts: number;
  /** That an invocation goes through, at most. */
  serialPositions: number;
}

export type ConvSizes = ReturnType<typeof convSizes>;

/** What the code of a convolution may depend on in either kind of tiles. */
export type ConvCode = Pick<
  ConvSizes,
  "kernelSize" | "kernelWidth" | "isTurned" | "numInputs" | "outWidth" | "hasBias" | "hasAddend"
>;

export function convSizes({ x0, x1, kernel, bias, addend, turned }: ConvOptions) {
  const [numImages, height, width] = x0.shape as [number, number, number];
  const [kernelSize, , kernelIn, kernelOut] = kernel.shape as [number, number, number, number];
  const { numInputs, channels, numIn, inWidth } = channelsOf(x0, x1);
  const numOut = turned?.numIn ?? kernelOut;
  return {
    numImages,
    height,
    width,
    kernelSize,
    kernelIn,
    kernelOut,
    kernelWidth: widthOf(kernelOut),
    isTurned: turned !== undefined,
    numInputs,
    channels,
    numIn,
    inWidth,
    firstOut: turned?.firstIn ?? 0,
    numOut,
    outWidth: widthOf(numOut),
    hasBias: bias !== undefined,
    hasAddend: addend !== undefined,
  };
}

export type GradientSizes = ReturnType<typeof gradientSizes>;

/** What the code of a kernel's gradient may depend on in either kind of tiles. */
export type GradientCode = Pick<GradientSizes, "kernelSize" | "numInputs" | "inWidth" | "outWidth">;

export function gradientSizes({ x0, x1, dy, kernelSize }: KernelGradientOptions) {
  const [numImages, height, width, numOut] = dy.shape as [number, number, number, number];
  const { numInputs, channels, numIn, inWidth } = channelsOf(x0, x1);
  const [numRows, outWidth] = [numImages * height, widthOf(numOut)];
  const ofInputs = { numInputs, channels, numIn, inWidth };
  return { kernelSize, height, width, numRows, numOut, outWidth, ...ofInputs };
}

function channelsOf(x0: TensorInfo, x1: TensorInfo | undefined) {
  const channels = [x0, ...(x1 ? [x1] : [])].map(({ shape }) => shape[3] as number);
  const numIn = channels.reduce((sum, count) => sum + count, 0);
  /** That all inputs can be read by. */
  const inWidth: Width = channels.every((count) => widthOf(count) === 4) ? 4 : 1;
  return { numInputs: channels.length, channels, numIn, inWidth };
}
