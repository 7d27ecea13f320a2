/** The parameters of each kind of layer: names, shapes and initial values. It needs no TensorFlow.js. */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ParameterLayout } from "./layout.ts";
import { type Define, type Parameters, scope } from "./parameters.ts";

/** Looks up a parameter's value when the network runs. */
export type Read<T extends Tensor> = (parameters: Parameters) => T;

export interface ConvOptions {
  numIn: number;
  numOut: number;
  /** 1, 3 or 7. */
  kernelSize: number;
  layout?: Extract<ParameterLayout, "conv" | "unshuffledConv">;
}

export type ConvParameters = ReturnType<typeof defineConv>;

export function defineConv(define: Define, options: ConvOptions) {
  const { numIn, numOut, kernelSize, layout = "conv" } = options;
  const init = { kind: "uniform", fanIn: numIn * kernelSize ** 2 } as const;
  const shape = [kernelSize, kernelSize, numIn, numOut];
  return {
    weight: define<Tensor4D>({ name: "weight", shape, layout, init }),
    bias: define<Tensor1D>({ name: "bias", shape: [numOut], layout: "same", init }),
  };
}

export type LinearParameters = ReturnType<typeof defineLinear>;

export function defineLinear(define: Define, numIn: number, numOut: number) {
  const init = { kind: "uniform", fanIn: numIn } as const;
  return {
    weight: define<Tensor2D>({ name: "weight", shape: [numIn, numOut], layout: "linear", init }),
    bias: define<Tensor1D>({ name: "bias", shape: [numOut], layout: "same", init }),
  };
}

/** The gain of an RMSNorm over `channels`. */
export function defineGain(define: Define, channels: number): Read<Tensor1D> {
  return define({ name: "g", shape: [channels], layout: "gain", init: { kind: "ones" } });
}

export type TimeEmbeddingParameters = ReturnType<typeof defineTimeEmbedding>;

/** @param dim sines and cosines, even; `width` is that of the embedding that is made of them */
export function defineTimeEmbedding(define: Define, dim: number, width: number) {
  return {
    dim,
    first: defineLinear(scope(define, 1), dim, width),
    second: defineLinear(scope(define, 3), width, width),
  };
}

/** A vector for each class and, in the last row, one for "no label", `[classes + 1, width]`. */
export function defineLabelEmbedding(define: Define, classes: number, width: number) {
  const shape = [classes + 1, width];
  return define<Tensor2D>({ name: "weight", shape, layout: "same", init: { kind: "normal" } });
}

export type ResnetBlockParameters = ReturnType<typeof defineResnetBlock>;

/** @param sizes `timeDim` is the width of the time embedding */
export function defineResnetBlock(
  define: Define,
  { numIn, numOut, timeDim }: Record<"numIn" | "numOut" | "timeDim", number>,
) {
  return {
    /** From the time embedding to scale and shift. */
    toFilm: defineLinear(scope(define, "mlp.1"), timeDim, 2 * numOut),
    block1: defineNormedConv(scope(define, "block1"), numIn, numOut),
    block2: defineNormedConv(scope(define, "block2"), numOut, numOut),
    /** 1x1, where the width changes. */
    residual:
      numIn === numOut
        ? null
        : defineConv(scope(define, "res_conv"), { numIn, numOut, kernelSize: 1 }),
  };
}

/** A 3x3 convolution and the gain of the RMSNorm after it. */
function defineNormedConv(define: Define, numIn: number, numOut: number) {
  return {
    conv: defineConv(scope(define, "proj"), { numIn, numOut, kernelSize: 3 }),
    gain: defineGain(scope(define, "norm"), numOut),
  };
}

/** Learned key/value pairs that each attention layer adds to those of the image. */
export const NUM_MEMORY = 4;

export type AttentionParameters = ReturnType<typeof defineAttention>;

/** @param options `channels` are those of the images */
export function defineAttention(
  define: Define,
  options: Record<"channels" | "heads" | "dimHead", number> & { isFull: boolean },
) {
  const { channels, heads, dimHead, isFull } = options;
  const width = heads * dimHead;
  return {
    heads,
    gain: defineGain(scope(define, "norm"), channels),
    memory: define<Tensor4D>({
      name: "mem_kv",
      shape: [2, heads, NUM_MEMORY, dimHead],
      layout: isFull ? "same" : "linearMemory",
      init: { kind: "normal" },
    }),
    qkv: define<Tensor4D>({
      name: "to_qkv.weight",
      shape: [1, 1, channels, 3 * width],
      layout: "conv",
      init: { kind: "uniform", fanIn: channels },
    }),
    toOut: defineConv(scope(define, isFull ? "to_out" : "to_out.0"), {
      numIn: width,
      numOut: channels,
      kernelSize: 1,
    }),
    /** Gain of the norm at the end; only linear attention has one. */
    outGain: isFull ? null : defineGain(scope(define, "to_out.1"), channels),
  };
}
