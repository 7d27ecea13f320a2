import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { conv2d } from "../ops/conv.ts";
import { linear } from "../ops/elementwise.ts";
import { rmsNorm } from "../ops/norm.ts";
import { pixelUnshuffle, upsampleNearest } from "../ops/resample.ts";
import { type Define, type Parameters, scope } from "./parameters.ts";

/** A layer of images: `[B, H, W, C]` to `[B, H', W', C']`. */
export type ImageLayer = (p: Parameters, x: Tensor4D) => Tensor4D;

export interface ConvOptions {
  numIn: number;
  numOut: number;
  /** 1, 3 or 7. */
  kernelSize: number;
}

/**
 * Convolution with bias that keeps the image size, plus the addend; several inputs count as
 * concatenated.
 */
export function convLayer(define: Define, { numIn, numOut, kernelSize }: ConvOptions) {
  const init = { kind: "uniform", fanIn: numIn * kernelSize ** 2 } as const;
  const weight = define<Tensor4D>({
    name: "weight",
    shape: [kernelSize, kernelSize, numIn, numOut],
    layout: "conv",
    init,
  });
  const bias = define<Tensor1D>({ name: "bias", shape: [numOut], layout: "same", init });
  return (p: Parameters, inputs: Tensor4D | readonly Tensor4D[], addend?: Tensor4D) =>
    conv2d(inputs, weight(p), { bias: bias(p), addend });
}

/** Fully connected layer, `[B, numIn]` to `[B, numOut]`. */
export function linearLayer(define: Define, numIn: number, numOut: number) {
  const init = { kind: "uniform", fanIn: numIn } as const;
  const weight = define<Tensor2D>({
    name: "weight",
    shape: [numIn, numOut],
    layout: "linear",
    init,
  });
  const bias = define<Tensor1D>({ name: "bias", shape: [numOut], layout: "same", init });
  return (p: Parameters, x: Tensor2D) => linear(x, weight(p), bias(p));
}

/** The gain of an RMSNorm over `channels`. */
export function gainOf(define: Define, channels: number) {
  return define<Tensor1D>({ name: "g", shape: [channels], layout: "gain", init: { kind: "ones" } });
}

/** RMSNorm, plus the addend. */
export function rmsNormLayer(define: Define, channels: number) {
  const gain = gainOf(define, channels);
  return (p: Parameters, x: Tensor4D, addend?: Tensor4D) => rmsNorm(x, gain(p), { addend });
}

/** Halves the image: pixel-unshuffle, then a 1x1 convolution. */
export function downsampleLayer(define: Define, numIn: number, numOut: number): ImageLayer {
  const conv = scope(define, 1);
  const init = { kind: "uniform", fanIn: 4 * numIn } as const;
  const weight = conv<Tensor4D>({
    name: "weight",
    shape: [1, 1, 4 * numIn, numOut],
    layout: "unshuffledConv",
    init,
  });
  const bias = conv<Tensor1D>({ name: "bias", shape: [numOut], layout: "same", init });
  return (p, x) => conv2d(pixelUnshuffle(x), weight(p), { bias: bias(p) });
}

/** Doubles the image: nearest neighbour, then a 3x3 convolution. */
export function upsampleLayer(define: Define, numIn: number, numOut: number): ImageLayer {
  const conv = convLayer(scope(define, 1), { numIn, numOut, kernelSize: 3 });
  return (p, x) => conv(p, upsampleNearest(x));
}
