import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { masked } from "../ops/elementwise.ts";
import { rmsNormSilu } from "../ops/normSilu.ts";
import type { ResnetBlockParameters } from "./layerParameters.ts";
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
export function resnetBlock(
  p: Parameters,
  { toFilm, block1, block2, residual }: ResnetBlockParameters,
  inputs: readonly [Tensor4D, ...Tensor4D[]],
  { activatedTime, dropout }: BlockConditions,
): Tensor4D {
  const film = linearLayer(p, toFilm, activatedTime);
  const first = rmsNormSilu(convLayer(p, block1.conv, inputs), block1.gain(p), { film });
  const second = convLayer(p, block2.conv, dropout ? masked(first, dropout(first.shape)) : first);
  return residual
    ? convLayer(p, residual, inputs, rmsNormSilu(second, block2.gain(p)))
    : rmsNormSilu(second, block2.gain(p), { addend: inputs[0] });
}
