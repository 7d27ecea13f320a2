/** What each kind of layer learns: names, shapes and start values, without what is computed with them. */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ParameterLayout } from "./layout.ts";
import { type Define, type Parameters, scope } from "./parameters.ts";

/** Finds a parameter's value when the network runs. */
export type Read<T extends Tensor> = (parameters: Parameters) => T;

export interface ConvParameters {
  weight: Read<Tensor4D>;
  bias: Read<Tensor1D>;
}

export interface ConvOptions {
  numIn: number;
  numOut: number;
  /** 1, 3 or 7. */
  kernelSize: number;
  layout?: Extract<ParameterLayout, "conv" | "unshuffledConv">;
}

export function defineConv(define: Define, options: ConvOptions): ConvParameters {
  const { numIn, numOut, kernelSize, layout = "conv" } = options;
  const init = { kind: "uniform", fanIn: numIn * kernelSize ** 2 } as const;
  return {
    weight: define({
      name: "weight",
      shape: [kernelSize, kernelSize, numIn, numOut],
      layout,
      init,
    }),
    bias: define({ name: "bias", shape: [numOut], layout: "same", init }),
  };
}

export interface LinearParameters {
  weight: Read<Tensor2D>;
  bias: Read<Tensor1D>;
}

export function defineLinear(define: Define, numIn: number, numOut: number): LinearParameters {
  const init = { kind: "uniform", fanIn: numIn } as const;
  return {
    weight: define({ name: "weight", shape: [numIn, numOut], layout: "linear", init }),
    bias: define({ name: "bias", shape: [numOut], layout: "same", init }),
  };
}

/** The gain of an RMSNorm over `channels`. */
export function defineGain(define: Define, channels: number): Read<Tensor1D> {
  return define({ name: "g", shape: [channels], layout: "gain", init: { kind: "ones" } });
}

export interface TimeEmbeddingParameters {
  dim: number;
  first: LinearParameters;
  second: LinearParameters;
}

export function defineTimeEmbedding(define: Define, dim: number): TimeEmbeddingParameters {
  return {
    dim,
    first: defineLinear(scope(define, 1), dim, 4 * dim),
    second: defineLinear(scope(define, 3), 4 * dim, 4 * dim),
  };
}

/** A 3x3 convolution and the gain of the RMSNorm after it. */
export interface NormedConvParameters {
  conv: ConvParameters;
  gain: Read<Tensor1D>;
}

export interface ResnetBlockParameters {
  /** From the time embedding to scale and shift. */
  toFilm: LinearParameters;
  block1: NormedConvParameters;
  block2: NormedConvParameters;
  /** 1x1, where the width changes. */
  residual: ConvParameters | null;
}

export interface ResnetBlockOptions {
  numIn: number;
  numOut: number;
  /** Width of the time embedding. */
  timeDim: number;
}

export function defineResnetBlock(
  define: Define,
  { numIn, numOut, timeDim }: ResnetBlockOptions,
): ResnetBlockParameters {
  return {
    toFilm: defineLinear(scope(define, "mlp.1"), timeDim, 2 * numOut),
    block1: defineNormedConv(scope(define, "block1"), numIn, numOut),
    block2: defineNormedConv(scope(define, "block2"), numOut, numOut),
    residual:
      numIn === numOut
        ? null
        : defineConv(scope(define, "res_conv"), { numIn, numOut, kernelSize: 1 }),
  };
}

function defineNormedConv(define: Define, numIn: number, numOut: number): NormedConvParameters {
  return {
    conv: defineConv(scope(define, "proj"), { numIn, numOut, kernelSize: 3 }),
    gain: defineGain(scope(define, "norm"), numOut),
  };
}

export interface AttentionParameters {
  heads: number;
  gain: Read<Tensor1D>;
  /** `[2, heads, NUM_MEMORY, dimHead]` */
  memory: Read<Tensor4D>;
  qkv: Read<Tensor4D>;
  toOut: ConvParameters;
  /** Of the norm at the end; only linear attention has one. */
  outGain: Read<Tensor1D> | null;
}

export interface AttentionOptions {
  /** Channels of the images. */
  channels: number;
  heads: number;
  dimHead: number;
  isFull: boolean;
}

/** Learned key/value pairs that each attention layer adds to those of the image. */
export const NUM_MEMORY = 4;

export function defineAttention(
  define: Define,
  { channels, heads, dimHead, isFull }: AttentionOptions,
): AttentionParameters {
  const width = heads * dimHead;
  return {
    heads,
    gain: defineGain(scope(define, "norm"), channels),
    memory: define({
      name: "mem_kv",
      shape: [2, heads, NUM_MEMORY, dimHead],
      layout: isFull ? "same" : "linearMemory",
      init: { kind: "normal" },
    }),
    qkv: scope(
      define,
      "to_qkv",
    )({
      name: "weight",
      shape: [1, 1, channels, 3 * width],
      layout: "conv",
      init: { kind: "uniform", fanIn: channels },
    }),
    toOut: defineConv(scope(define, isFull ? "to_out" : "to_out.0"), {
      numIn: width,
      numOut: channels,
      kernelSize: 1,
    }),
    outGain: isFull ? null : defineGain(scope(define, "to_out.1"), channels),
  };
}
