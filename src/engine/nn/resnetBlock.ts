import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { masked } from "../ops/elementwise.ts";
import { rmsNormSilu } from "../ops/normSilu.ts";
import type { NormedConvParameters, ResnetBlockParameters } from "./layerParameters.ts";
import { convLayer, linearLayer } from "./layers.ts";
import type { Parameters } from "./parameters.ts";

/** The inputs that all blocks of a pass share. */
export interface BlockConditions {
  /** The time embedding after its SiLU, `[B, timeDim]`. */
  activatedTime: Tensor2D;
  /** A mask for the activations between the two halves, in training with dropout. */
  dropout?: DropoutMask | undefined;
}

/** A new mask of 0 and 1 / (1 - rate) at each call (Srivastava et al. 2014). */
export type DropoutMask = (shape: Tensor4D["shape"]) => Tensor4D;

/**
 * ResNet block: twice 3x3 convolution, RMSNorm, SiLU, the first conditioned on the time embedding (FiLM);
 * plus the input, through a 1x1 convolution where the width changes. Several inputs count as concatenated.
 */
export function resnetBlock(parameters: ResnetBlockParameters) {
  const toFilm = linearLayer(parameters.toFilm);
  const block1 = block(parameters.block1);
  const block2 = block(parameters.block2);
  const residual = parameters.residual && convLayer(parameters.residual);

  return (
    p: Parameters,
    inputs: readonly [Tensor4D, ...Tensor4D[]],
    { activatedTime, dropout }: BlockConditions,
  ) => {
    const first = block1(p, inputs, { film: toFilm(p, activatedTime) });
    const hidden = [dropout ? masked(first, dropout(first.shape)) : first];
    return residual
      ? residual(p, inputs, block2(p, hidden))
      : block2(p, hidden, { addend: inputs[0] });
  };
}

/** 3x3 convolution, RMSNorm, FiLM where given, SiLU, plus the addend. */
function block({ conv: convParameters, gain }: NormedConvParameters) {
  const conv = convLayer(convParameters);
  return (
    p: Parameters,
    inputs: readonly Tensor4D[],
    extras?: { film?: Tensor2D; addend?: Tensor4D },
  ) => rmsNormSilu(conv(p, inputs), gain(p), extras);
}
