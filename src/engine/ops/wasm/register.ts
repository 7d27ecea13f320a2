import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { backend, env, getKernel, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName, Kernels } from "../kernel.ts";
import { activation, activationGradient } from "./activations.ts";
import { attention, attentionGradient } from "./attention.ts";
import { conv, kernelGradient } from "./conv.ts";
import { linear, linearInputGradient, linearWeightGradient } from "./linear.ts";
import { linearAttention, linearAttentionGradient } from "./linearAttention.ts";
import { fastestVariant, loadKernels, type Variant } from "./module.ts";
import { rmsNorm, rmsNormGradient } from "./norm.ts";
import { adamW, globalNorm } from "./optimizer.ts";
import { joinSums, splitVector } from "./parameterVector.ts";
import { Workspace } from "./workspace.ts";

type Kernel<K extends KernelName> = (
  workspace: Workspace,
  given: Kernels[K],
) => TensorInfo | TensorInfo[];

/** By their names; other steps use their composed form. */
export const KERNELS: { [K in KernelName]?: Kernel<K> } = {
  ConvSame: (workspace, { inputs }) => conv(workspace, inputs),
  ConvSameInputGradient: (workspace, { inputs: { dy, kernel, addend }, attrs }) =>
    conv(workspace, { x0: dy, kernel, addend, turned: attrs }),
  ConvSameKernelGradient: (workspace, { inputs, attrs }) =>
    kernelGradient(workspace, { ...inputs, ...attrs }),
  Attention: attention,
  AttentionGradient: attentionGradient,
  LinearAttention: linearAttention,
  LinearAttentionGradient: linearAttentionGradient,
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

/** What is registered, by the backend. */
const registered = new WeakMap<object, Variant>();

/** Registers these kernels with TensorFlow.js' WebAssembly backend, which has started; without SIMD none. */
export async function registerWasmKernels(variant: Variant = fastestVariant()): Promise<void> {
  if (!(await env().getAsync("WASM_HAS_SIMD_SUPPORT"))) return;
  // The backend is started anew for each comparison with WebGPU, and TensorFlow.js warns of kernels that are there already.
  if (registered.get(backend()) === variant && getKernel("ConvSame", "wasm")) return;
  registered.set(backend(), variant);
  const module = await loadKernels(backend() as BackendWasm, variant);
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, attrs, backend }) => {
        const workspace = new Workspace(module, backend as BackendWasm);
        try {
          return (kernel as Kernel<never>)(workspace, { inputs, attrs } as never);
        } finally {
          workspace.freeScratch();
        }
      },
    });
  }
}
