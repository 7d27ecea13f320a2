import type { Tensor4D } from "@tensorflow/tfjs-core";
import { fullAttention, linearAttention } from "../ops/attention.ts";
import type { AttentionParameters } from "./layerParameters.ts";
import { convLayer, type ImageLayer, rmsNormLayer } from "./layers.ts";
import type { Parameters } from "./parameters.ts";

/** Full, or linear where there is a norm at the end (Shen et al. 2018); plus the image itself. */
export function attentionLayer(parameters: AttentionParameters): ImageLayer {
  const attend = attentionCore(parameters);
  const toOut = convLayer(parameters.toOut);
  // RMSNorm, softmax attention over all positions, 1x1 convolution.
  if (!parameters.outGain) return (p, x) => toOut(p, fullAttention(attend(p, x)), x);
  // RMSNorm, linear attention, 1x1 convolution, RMSNorm.
  const outNorm = rmsNormLayer(parameters.outGain);
  return (p, x) => outNorm(p, toOut(p, linearAttention(attend(p, x))), x);
}

/** What both kinds feed their operation with. */
function attentionCore({ gain, memory, qkv, heads }: AttentionParameters) {
  const norm = rmsNormLayer(gain);
  return (p: Parameters, x: Tensor4D) => ({
    x: norm(p, x),
    qkvKernel: qkv(p),
    memoryKeyValues: memory(p),
    heads,
  });
}
