import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { masked } from "../ops/elementwise.ts";
import { rmsNormSilu } from "../ops/norm.ts";
import { convLayer, gainOf, linearLayer } from "./layers.ts";
import { type Define, type Parameters, scope } from "./parameters.ts";

export interface ResnetBlockOptions {
  numIn: number;
  numOut: number;
  /** Width of the time embedding. */
  timeDim: number;
}

/** What steers all blocks of a pass alike. */
export interface BlockConditions {
  /** The time embedding after its SiLU, `[B, timeDim]`. */
  activatedTime: Tensor2D;
  /** A mask for the activations between the two halves, in training with dropout. */
  dropout?: DropoutMask | undefined;
}

/** A mask of 0 and 1 / (1 - rate), another at each call (Srivastava et al. 2014). */
export type DropoutMask = (shape: Tensor4D["shape"]) => Tensor4D;

/**
 * ResNet block: two times (3x3 convolution, RMSNorm, SiLU), the first steered by the time embedding
 * (FiLM), plus the input, through a 1x1 convolution where the width changes.
 * Several inputs count as concatenated.
 */
export function resnetBlock(define: Define, { numIn, numOut, timeDim }: ResnetBlockOptions) {
  const toFilm = linearLayer(scope(define, "mlp.1"), timeDim, 2 * numOut);
  const block1 = block(scope(define, "block1"), numIn, numOut);
  const block2 = block(scope(define, "block2"), numOut, numOut);
  const residual =
    numIn === numOut
      ? null
      : convLayer(scope(define, "res_conv"), { numIn, numOut, kernelSize: 1 });

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
function block(define: Define, numIn: number, numOut: number) {
  const conv = convLayer(scope(define, "proj"), { numIn, numOut, kernelSize: 3 });
  const gain = gainOf(scope(define, "norm"), numOut);
  return (
    p: Parameters,
    inputs: readonly Tensor4D[],
    extras?: { film?: Tensor2D; addend?: Tensor4D },
  ) => rmsNormSilu(conv(p, inputs), gain(p), extras);
}
