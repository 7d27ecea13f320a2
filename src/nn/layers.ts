import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { conv2d } from "../ops/conv.ts";
import { linear } from "../ops/elementwise.ts";
import { rmsNorm } from "../ops/norm.ts";
import { pixelUnshuffle, upsampleNearest } from "../ops/resample.ts";
import type { ConvParameters, LinearParameters, Read } from "./layerParameters.ts";
import type { Parameters } from "./parameters.ts";

/** A layer of images: `[B, H, W, C]` to `[B, H', W', C']`. */
export type ImageLayer = (p: Parameters, x: Tensor4D) => Tensor4D;

/**
 * Convolution with bias that keeps the image size, plus the addend; several inputs count as
 * concatenated.
 */
export function convLayer({ weight, bias }: ConvParameters) {
  return (p: Parameters, inputs: Tensor4D | readonly Tensor4D[], addend?: Tensor4D) =>
    conv2d(inputs, weight(p), { bias: bias(p), addend });
}

/** Fully connected layer, `[B, numIn]` to `[B, numOut]`. */
export function linearLayer({ weight, bias }: LinearParameters) {
  return (p: Parameters, x: Tensor2D) => linear(x, weight(p), bias(p));
}

/** RMSNorm, plus the addend. */
export function rmsNormLayer(gain: Read<Tensor1D>) {
  return (p: Parameters, x: Tensor4D, addend?: Tensor4D) => rmsNorm(x, gain(p), { addend });
}

/** Halves the image: pixel-unshuffle, then a 1x1 convolution. */
export function downsampleLayer(parameters: ConvParameters): ImageLayer {
  const conv = convLayer(parameters);
  return (p, x) => conv(p, pixelUnshuffle(x));
}

/** Doubles the image: nearest neighbour, then a 3x3 convolution. */
export function upsampleLayer(parameters: ConvParameters): ImageLayer {
  const conv = convLayer(parameters);
  return (p, x) => conv(p, upsampleNearest(x));
}
