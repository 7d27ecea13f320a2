import type { Tensor4D } from "@tensorflow/tfjs-core";
import { type ConvOptions, defineConv, defineGain, defineLinear } from "../nn/layerParameters.ts";
import { convLayer, linearLayer, resampledConvLayer } from "../nn/layers.ts";
import {
  collectParameters,
  type Define,
  type ParameterSpec,
  type Parameters,
  scope,
} from "../nn/parameters.ts";
import { rmsNormSilu } from "../ops/normSilu.ts";
import { spatialMeans } from "../ops/pooling.ts";
import { pixelUnshuffle } from "../ops/resample.ts";

/** Number of penultimate features of an image. */
export const NUM_FEATURES = 64;

/** Channels at 14 x 14 pixels. */
const NARROW = 32;

export type ClassifierNetwork = ReturnType<typeof createClassifierNetwork>;

/**
 * A small convolutional classifier of images, used to measure samples: two 3x3 convolutions at 14 x 14
 * pixels and one at 7 x 7, each followed by RMSNorm and SiLU, then global average pooling and a linear
 * layer.
 */
export function createClassifierNetwork(numClasses: number) {
  const parameters: ParameterSpec[] = [];
  const define = collectParameters(parameters);
  const block1 = convBlock(scope(define, "block1"), { numIn: 4, numOut: NARROW });
  const block2 = convBlock(scope(define, "block2"), { numIn: NARROW, numOut: NARROW });
  const down = downBlock(scope(define, "down"), { numIn: NARROW, numOut: NUM_FEATURES });
  const block3 = convBlock(scope(define, "block3"), { numIn: NUM_FEATURES, numOut: NUM_FEATURES });
  const toLogits = defineLinear(scope(define, "to_logits"), NUM_FEATURES, numClasses);
  return {
    numClasses,
    parameters,
    /**
     * @param image in [-1, 1], `[B, 28, 28, 1]`
     * @returns the input of the last layer, and its output, whose softmax is the probabilities, `[B, numClasses]`
     */
    forward(p: Parameters, image: Tensor4D) {
      const squares = pixelUnshuffle(image); // [B, 14, 14, 4]
      const wide = block2(p, block1(p, squares)); // [B, 14, 14, 32]
      const deep = block3(p, down(p, wide)); // [B, 7, 7, 64]
      const features = spatialMeans(deep); // [B, 64]
      return { features, logits: linearLayer(p, toLogits, features) };
    },
  };
}

type Widths = Pick<ConvOptions, "numIn" | "numOut">;
type ImageLayer = (p: Parameters, x: Tensor4D) => Tensor4D;

/** 3x3 convolution, RMSNorm, SiLU. */
function convBlock(define: Define, widths: Widths): ImageLayer {
  const conv = defineConv(scope(define, "conv"), { ...widths, kernelSize: 3 });
  const gain = defineGain(scope(define, "norm"), widths.numOut);
  return (p, x) => rmsNormSilu(convLayer(p, conv, x), gain(p));
}

/** Pixel-unshuffle, 1x1 convolution, RMSNorm, SiLU. */
function downBlock(define: Define, { numIn, numOut }: Widths): ImageLayer {
  const options = { numIn: 4 * numIn, numOut, kernelSize: 1, layout: "unshuffledConv" } as const;
  const conv = defineConv(scope(define, "conv"), options);
  const gain = defineGain(scope(define, "norm"), numOut);
  return (p, x) => rmsNormSilu(resampledConvLayer(p, conv, x, "unshuffle"), gain(p));
}
