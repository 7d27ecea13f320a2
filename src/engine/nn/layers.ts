import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import {
  type AttentionInputs,
  attentionWeights,
  fullAttention,
  linearAttention,
} from "../ops/attention.ts";
import { conv2d, resampledConv } from "../ops/conv.ts";
import type { ActivationName, Resample } from "../ops/kernel.ts";
import { linear, linearLayers } from "../ops/linear.ts";
import { rmsNorm } from "../ops/normSilu.ts";
import type { AttentionParameters, ConvParameters, LinearParameters } from "./layerParameters.ts";
import type { Parameters } from "./parameters.ts";

/**
 * Convolution with bias that keeps the image size, plus the addend. Several inputs count as
 * concatenated.
 */
export function convLayer(
  p: Parameters,
  { weight, bias }: ConvParameters,
  inputs: Tensor4D | readonly Tensor4D[],
  addend?: Tensor4D,
): Tensor4D {
  return conv2d(inputs, weight(p), { bias: bias(p), addend });
}

/** Fully connected layer, `[B, numIn]` to `[B, numOut]`, of the activation of x. */
export function linearLayer(
  p: Parameters,
  { weight, bias }: LinearParameters,
  x: Tensor2D,
  activation: ActivationName | null = null,
) {
  return linear(x, weight(p), bias(p), activation);
}

/** Several fully connected layers of the same activation. */
export function linearLayersOf(
  p: Parameters,
  layers: readonly LinearParameters[],
  x: Tensor2D,
  activation: ActivationName,
) {
  const given = layers.map(({ weight, bias }) => ({ weight: weight(p), bias: bias(p) }));
  return linearLayers(x, given, activation);
}

/** A convolution of the image halved by pixel-unshuffle, or doubled. */
export function resampledConvLayer(
  p: Parameters,
  { weight, bias }: ConvParameters,
  x: Tensor4D,
  resample: Resample,
): Tensor4D {
  return resampledConv(x, weight(p), { bias: bias(p), resample });
}

/**
 * RMSNorm, softmax attention over all positions, 1x1 convolution; or RMSNorm, linear attention (Shen et
 * al. 2018), 1x1 convolution, RMSNorm, where there is a gain for the last. Plus the image itself.
 */
export function attentionLayer(p: Parameters, layer: AttentionParameters, x: Tensor4D): Tensor4D {
  const inputs = attentionInputs(p, layer, x);
  const { toOut, outGain } = layer;
  if (!outGain) return convLayer(p, toOut, fullAttention(inputs), x);
  const out = { outKernel: toOut.weight(p), outBias: toOut.bias(p) };
  return rmsNorm(linearAttention({ ...inputs, ...out }), outGain(p), { addend: x });
}

/** How much one position of an attention layer takes of each other one, see `attentionWeights`. */
export function attentionLayerWeights(
  p: Parameters,
  layer: AttentionParameters,
  x: Tensor4D,
  position: number,
): Tensor3D {
  const isFull = layer.outGain === null;
  return attentionWeights(attentionInputs(p, layer, x), { isFull, position });
}

function attentionInputs(
  p: Parameters,
  { gain, memory, qkv, heads }: AttentionParameters,
  x: Tensor4D,
): AttentionInputs {
  return { x: rmsNorm(x, gain(p)), qkvKernel: qkv(p), memoryKeyValues: memory(p), heads };
}
