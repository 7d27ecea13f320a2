import { type KernelFunc, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName, LayerStep } from "../kernel.ts";
import {
  attend,
  attendGradient,
  linearAttention,
  linearAttentionGradient,
} from "./attention/attentionKernels.ts";
import { conv, inputGradients, kernelGradient, resampledInputGradient } from "./conv/conv.ts";
import { diffusionLoss } from "./diffusionLoss.ts";
import { linearLayers, linearLayersGradient } from "./linear.ts";
import { mixImages } from "./mixImages.ts";
import { rmsNorm, rmsNormGradient } from "./norm/norm.ts";
import { adamW, globalNorm } from "./optimizer.ts";
import { joinSums, splitVector } from "./parameterVector.ts";
import type { KernelCall } from "./program.ts";
import { randomNormals } from "./randomNormals.ts";

/** Registers the kernels of this folder with TensorFlow.js' WebGPU backend: one for every `KernelName` but `LayerStep`. */
export function registerWebgpuKernels(): void {
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    registerKernel({ kernelName, backendName: "webgpu", kernelFunc: kernel as KernelFunc });
  }
}

/** By their names. */
export const KERNELS: {
  [K in Exclude<KernelName, LayerStep>]: (call: KernelCall<K>) => TensorInfo | TensorInfo[];
} = {
  ConvSame: ({ backend, inputs }) => conv(backend, inputs),
  ConvSameInputGradient: ({ backend, inputs: { dy, kernel, addend }, attrs }) =>
    conv(backend, { x0: dy, kernel, addend, turned: attrs }),
  ConvSameInputGradients: inputGradients,
  ResampledConv: ({ backend, inputs: { x, kernel, bias }, attrs: { resample } }) =>
    conv(backend, { x0: x, kernel, bias, resample }),
  ResampledConvInputGradient: resampledInputGradient,
  ResampledConvKernelGradient: ({ backend, inputs: { x, dy }, attrs }) =>
    kernelGradient(backend, { x0: x, dy, ...attrs }),
  ConvSameKernelGradient: ({ backend, inputs, attrs }) =>
    kernelGradient(backend, { ...inputs, ...attrs }),
  RmsNorm: rmsNorm,
  RmsNormGradient: rmsNormGradient,
  Attention: attend,
  AttentionGradient: attendGradient,
  LinearLayers: linearLayers,
  LinearLayersGradient: linearLayersGradient,
  MixImages: mixImages,
  DiffusionLoss: diffusionLoss,
  RandomNormals: randomNormals,
  LinearAttention: linearAttention,
  LinearAttentionGradient: linearAttentionGradient,
  SplitVector: splitVector,
  JoinSums: joinSums,
  GlobalNorm: globalNorm,
  AdamW: adamW,
};
