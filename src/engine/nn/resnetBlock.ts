import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { masked } from "../ops/elementwise.ts";
import { rmsNormSilu } from "../ops/normSilu.ts";
import type { ResnetBlockParameters } from "./layerParameters.ts";
import { convLayer } from "./layers.ts";
import type { Parameters } from "./parameters.ts";

/** What a block is given besides images. */
interface BlockConditions {
  /** Scale and shift by the time embedding, `[B, 2 numOut]`: its SiLU through the block's layer `toFilm`. */
  film: Tensor2D;
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
  { block1, block2, residual }: ResnetBlockParameters,
  inputs: readonly [Tensor4D, ...Tensor4D[]],
  { film, dropout }: BlockConditions,
): Tensor4D {
  const first = rmsNormSilu(convLayer(p, block1.conv, inputs), block1.gain(p), { film });
  const second = convLayer(p, block2.conv, dropout ? masked(first, dropout(first.shape)) : first);
  return residual
    ? convLayer(p, residual, inputs, rmsNormSilu(second, block2.gain(p)))
    : rmsNormSilu(second, block2.gain(p), { addend: inputs[0] });
}
