import type { Tensor4D } from "@tensorflow/tfjs-core";
import { fullAttention, linearAttention } from "../ops/attention.ts";
import { convLayer, type ImageLayer, rmsNormLayer } from "./layers.ts";
import { type Define, type Parameters, scope } from "./parameters.ts";

export interface AttentionOptions {
  /** Channels of the images. */
  channels: number;
  heads: number;
  dimHead: number;
}

/** Learned key/value pairs that each attention layer adds to those of the image. */
const NUM_MEMORY = 4;

/** RMSNorm, softmax attention over all positions, 1x1 convolution; plus the image itself. */
export function attentionLayer(define: Define, options: AttentionOptions): ImageLayer {
  const { channels, heads, dimHead } = options;
  const attend = attentionCore(define, options, "same");
  const toOut = convLayer(scope(define, "to_out"), {
    numIn: heads * dimHead,
    numOut: channels,
    kernelSize: 1,
  });
  return (p, x) => toOut(p, fullAttention(attend(p, x)), x);
}

/** RMSNorm, linear attention, 1x1 convolution, RMSNorm; plus the image itself. */
export function linearAttentionLayer(define: Define, options: AttentionOptions): ImageLayer {
  const { channels, heads, dimHead } = options;
  const attend = attentionCore(define, options, "linearMemory");
  const toOut = convLayer(scope(define, "to_out.0"), {
    numIn: heads * dimHead,
    numOut: channels,
    kernelSize: 1,
  });
  const outNorm = rmsNormLayer(scope(define, "to_out.1"), channels);
  return (p, x) => outNorm(p, toOut(p, linearAttention(attend(p, x))), x);
}

/** What both kinds feed their operation with. */
function attentionCore(
  define: Define,
  { channels, heads, dimHead }: AttentionOptions,
  memoryLayout: "same" | "linearMemory",
) {
  const norm = rmsNormLayer(scope(define, "norm"), channels);
  const memory = define<Tensor4D>({
    name: "mem_kv",
    shape: [2, heads, NUM_MEMORY, dimHead],
    layout: memoryLayout,
    init: { kind: "normal" },
  });
  const qkv = scope(
    define,
    "to_qkv",
  )<Tensor4D>({
    name: "weight",
    shape: [1, 1, channels, 3 * heads * dimHead],
    layout: "conv",
    init: { kind: "uniform", fanIn: channels },
  });
  return (p: Parameters, x: Tensor4D) => ({
    x: norm(p, x),
    qkvKernel: qkv(p),
    memoryKeyValues: memory(p),
    heads,
  });
}
