import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { fullAttention, linearAttention } from "../ops/attention.ts";
import { conv2d } from "../ops/conv.ts";
import { linear } from "../ops/elementwise.ts";
import { rmsNorm } from "../ops/normSilu.ts";
import { pixelUnshuffle, upsampleNearest } from "../ops/resample.ts";
import type {
  AttentionParameters,
  ConvParameters,
  LinearParameters,
  Read,
} from "./layerParameters.ts";
import type { Parameters } from "./parameters.ts";

/** A layer of images: `[B, H, W, C]` to `[B, H', W', C']`. */
export type ImageLayer = (p: Parameters, x: Tensor4D) => Tensor4D;

/**
 * Convolution with bias that keeps the image size, plus the addend. Several inputs count as
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
function rmsNormLayer(gain: Read<Tensor1D>) {
  return (p: Parameters, x: Tensor4D, addend?: Tensor4D) => rmsNorm(x, gain(p), { addend });
}

/** Halves the image: pixel-unshuffle, then a 1x1 convolution. */
export function downsampleLayer(parameters: ConvParameters): ImageLayer {
  const conv = convLayer(parameters);
  return (p, x) => conv(p, pixelUnshuffle(x));
}

/** Doubles the image: nearest neighbor, then a 3x3 convolution. */
export function upsampleLayer(parameters: ConvParameters): ImageLayer {
  const conv = convLayer(parameters);
  return (p, x) => conv(p, upsampleNearest(x));
}

/**
 * RMSNorm, softmax attention over all positions, 1x1 convolution; or RMSNorm, linear attention (Shen et
 * al. 2018), 1x1 convolution, RMSNorm, where there is a gain for the last. Plus the image itself.
 */
export function attentionLayer(parameters: AttentionParameters): ImageLayer {
  const { memory, qkv, heads } = parameters;
  const norm = rmsNormLayer(parameters.gain);
  const toOut = convLayer(parameters.toOut);
  const outNorm = parameters.outGain && rmsNormLayer(parameters.outGain);
  return (p, x) => {
    const inputs = { x: norm(p, x), qkvKernel: qkv(p), memoryKeyValues: memory(p), heads };
    return outNorm
      ? outNorm(p, toOut(p, linearAttention(inputs)), x)
      : toOut(p, fullAttention(inputs), x);
  };
}
