import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { backend, env, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName } from "../kernel.ts";
import { activation, activationGradient } from "./activations.ts";
import { attention, attentionGradient } from "./attention.ts";
import { convSame, convSameInputGradient, convSameKernelGradient } from "./conv.ts";
import { KernelCall } from "./kernelCall.ts";
import { linear, linearInputGradient, linearWeightGradient } from "./linear.ts";
import { fastestVariant, loadKernels, type Variant } from "./module.ts";
import { rmsNorm, rmsNormGradient } from "./norm.ts";
import { adamW, globalNorm } from "./optimizer.ts";
import { joinSums, splitVector } from "./parameterVector.ts";

type Kernel = (call: KernelCall) => TensorInfo | TensorInfo[];

/** By their names; other steps use their composed form. */
export const KERNELS: Partial<Record<KernelName, Kernel>> = {
  ConvSame: convSame,
  ConvSameInputGradient: convSameInputGradient,
  ConvSameKernelGradient: convSameKernelGradient,
  Attention: attention,
  AttentionGradient: attentionGradient,
  RmsNorm: rmsNorm,
  RmsNormGradient: rmsNormGradient,
  Activation: activation,
  ActivationGradient: activationGradient,
  SplitVector: splitVector,
  JoinSums: joinSums,
  Linear: linear,
  LinearWeightGradient: linearWeightGradient,
  LinearInputGradient: linearInputGradient,
  GlobalNorm: globalNorm,
  AdamW: adamW,
};

/**
 * Registers the kernels of this folder with TensorFlow.js' WebAssembly backend, which has started. Without
 * SIMD there are none.
 */
export async function registerWasmKernels(variant: Variant = fastestVariant()): Promise<void> {
  if (!(await env().getAsync("WASM_HAS_SIMD_SUPPORT"))) return;
  const module = await loadKernels(backend() as BackendWasm, variant);
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: (given) => {
        const call = new KernelCall(module, given);
        try {
          return kernel(call);
        } finally {
          call.freeScratch();
        }
      },
    });
  }
}
