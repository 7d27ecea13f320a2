/**
 * The kernels that backends may have of their own. An operation of the network has a composed form, made of what TensorFlow.js
 * has, and wraps the part that is to be faster in `runStep`; `Kernels` then names its inputs and attributes, and the compiler
 * asks for a program in `webgpu/register.ts` (but for a `LayerStep`). One for WebAssembly is optional. A step whose kernel takes only some shapes
 * says by `isForKernels` whether it is one of them; where kernel and composed form compute their gradients differently (`resampledConv`), the
 * operation asks `hasKernel` itself. The cases of `tests/gpu/operations.ts`
 * compare both with the composed form, in a browser, and in the emulator of `tests/wgsl`.
 */
import {
  backend,
  engine,
  getBackend,
  getKernel,
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type Tensor,
  type TensorInfo,
} from "@tensorflow/tfjs-core";

/** Inputs and attributes of a kernel, by name. */
type Arguments<
  Inputs extends string,
  OptionalInputs extends string = never,
  Attributes = undefined,
> = {
  inputs: Record<Inputs, TensorInfo> & { [K in OptionalInputs]?: TensorInfo | undefined };
} & (Attributes extends undefined ? unknown : { attrs: Attributes });

/** Steps of operations for which a backend may register its own kernel, and what it is given. */
export interface Kernels {
  ConvSame: Arguments<"x0" | "kernel", "x1" | "bias" | "addend">;
  ConvSameInputGradient: Arguments<"dy" | "kernel", "addend", Record<"firstIn" | "numIn", number>>;
  /**
   * The gradients by x0 and, where the convolution has two inputs, by x1, whose numbers of channels are `channels`. Each
   * gradient has an addend of its own; with one input both addends are added to its gradient.
   */
  ConvSameInputGradients: Arguments<"dy" | "kernel", "addend0" | "addend1", { channels: number[] }>;
  ConvSameKernelGradient: Arguments<"x0" | "dy", "x1", { kernelSize: number }>;
  ResampledConv: Arguments<"x" | "kernel" | "bias", never, { resample: Resample }>;
  ResampledConvInputGradient: Arguments<"dy" | "kernel", "addend", { resample: Resample }>;
  ResampledConvKernelGradient: Arguments<
    "x" | "dy",
    never,
    { resample: Resample; kernelSize: number }
  >;
  RmsNorm: Arguments<"x" | "gain", "film" | "addend", { hasSilu: boolean }>;
  RmsNormGradient: Arguments<"x" | "gain" | "dy", "film" | "addend", { hasSilu: boolean }>;
  Attention: Arguments<AttentionInput, never, { isFull: boolean }>;
  AttentionGradient: Arguments<AttentionInput | "y" | "dy", "addend", { isFull: boolean }>;
  /** Both values: the output, and what the gradient is given as `saved`. */
  LinearAttention: Arguments<AttentionInput | "outKernel" | "outBias">;
  LinearAttentionGradient: Arguments<AttentionInput | "outKernel" | "saved" | "dy", "addend">;
  SplitVector: Arguments<"vector", never, { shapes: number[][] }>;
  JoinSums: Arguments<string, never, { lengths: number[] }>;
  LinearLayers: Arguments<LayerInput, never, LayersAttributes>;
  /** The gradients of x, where `ofInput`, then of each layer's weight and bias. */
  LinearLayersGradient: Arguments<
    LayerInput | `dy${number}`,
    "addend",
    LayersAttributes & { ofInput: boolean }
  >;
  Linear: Arguments<"x" | "weight" | "bias">;
  LinearWeightGradient: Arguments<"x" | "dy">;
  LinearInputGradient: Arguments<"dy" | "weight", "addend">;
  Activation: Arguments<"x", never, { name: ActivationName }>;
  ActivationGradient: Arguments<"x" | "dy", never, { name: ActivationName }>;
  MixImages: Arguments<"x" | "a" | "y" | "b", never, { sign: 1 | -1 }>;
  DiffusionLoss: Arguments<"prediction" | "target" | "weights">;
  RandomNormals: Arguments<never, never, { subKeys: number[]; rowLength: number }>;
  GlobalNorm: Arguments<"gradient">;
  AdamW: Arguments<"values" | "gradient" | "mean" | "square", never, Record<AdamWNumber, number>>;
}

/** What a convolution reads its input through, without it being copied: see `pixelUnshuffle` and `upsampleNearest`. */
export type Resample = "unshuffle" | "upsample";

/** Inputs `[B, H, W, C_i]`, as if concatenated along the channels, and kernel `[k, k, C, C_out]`. */
export type ConvOptions = Kernels["ConvSame"]["inputs"] & {
  /**
   * For dL/dx: the kernel turned by 180 degrees, with its input channels from `firstIn` on as outputs and
   * its outputs as inputs.
   */
  turned?: Kernels["ConvSameInputGradient"]["attrs"];
};

/** What else WebGPU's convolution can. */
export type FusedConvOptions = ConvOptions & {
  addend1?: TensorInfo | undefined;
  /** Channels of the first of two results: the second has the others, and `addend1`. */
  numFirst?: number | undefined;
  /** How `x0` is resampled, or the result when turned. */
  resample?: Resample | undefined;
};

/** Inputs as of the convolution, and dY `[B, H, W, C_out]`. */
export type KernelGradientOptions = Kernels["ConvSameKernelGradient"]["inputs"] &
  Kernels["ConvSameKernelGradient"]["attrs"] & {
    /** How `x0` is resampled; only on WebGPU. */
    resample?: Resample | undefined;
  };

/** Parts of `LinearLayers` and its gradient in their composed form. */
export type LayerStep =
  | ("Linear" | "LinearWeightGradient" | "LinearInputGradient")
  | ("Activation" | "ActivationGradient");

/** The activation is that of x. */
type LayersAttributes = { numLayers: number; activation: ActivationName | null };
type LayerInput = "x" | `weight${number}` | `bias${number}`;
type AttentionInput = "x" | "qkvKernel" | "memoryKeyValues";
export type ActivationName = "silu" | "gelu";
type AdamWNumber = "beta1" | "beta2" | "kept" | "rate" | "inverseRoot" | "eps";

export type KernelName = keyof Kernels;

/**
 * Runs a step of an operation: by the backend's own kernel of this name if there is one, else composed.
 *
 * @param step.isForKernels whether kernels take such shapes; true when left out
 * @param step.composed the step in plain TensorFlow.js operations, also for tests of the kernel
 */
export function runStep<K extends KernelName, T extends Tensor | Tensor[]>(
  name: K,
  step: Kernels[K] & { isForKernels?: boolean; composed: () => T },
): T {
  const { isForKernels = true } = step;
  const kernel = isForKernels ? kernelOf(name) : undefined;
  return kernel ? run<K, T>(kernel, step) : step.composed();
}

/** Whether the backend has its own kernel of this name. */
export function hasKernel(name: KernelName): boolean {
  return kernelOf(name) !== undefined;
}

/** Runs a kernel that the backend has. */
export function runKernel<K extends KernelName, T extends Tensor | Tensor[]>(
  name: K,
  given: Kernels[K],
): T {
  return run<K, T>(kernelOf(name) as KernelConfig, given);
}

function kernelOf(name: KernelName): KernelConfig | undefined {
  return getKernel(name, getBackend());
}

/**
 * What TensorFlow.js' `runKernel` does, without its tape, its profiler and looking the kernel up again. These are 1.3 of
 * some 15 ms that a step of Quick takes on WebAssembly beside the kernels.
 */
function run<K extends KernelName, T extends Tensor | Tensor[]>(
  { kernelFunc }: KernelConfig,
  given: Kernels[K],
): T {
  const { inputs, attrs = {} } = given as { inputs: NamedTensorInfoMap; attrs?: NamedAttrMap };
  const made = kernelFunc({ inputs, attrs, backend: backend() });
  const asTensor = (info: TensorInfo) => engine().makeTensorFromTensorInfo(info);
  return (Array.isArray(made) ? made.map(asTensor) : asTensor(made)) as T;
}
