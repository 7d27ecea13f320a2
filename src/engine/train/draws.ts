import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { numTimestepsOf } from "../diffusion/objectives.ts";
import { TIMESTEP_SAMPLINGS } from "../diffusion/timestepSamplings.ts";
import { imageShapeOf } from "../nn/architectures.ts";
import type { DropoutMask } from "../nn/resnetBlock.ts";
import { normalRows } from "../ops/randomNormals.ts";
import { type RandomKey, randomUniforms } from "../random.ts";
import type { Regularization } from "./gradient.ts";
import { normalImages } from "./images.ts";

/** More dropout masks than an image needs: one for each layer, and twice that with self-conditioning. */
const MAX_MASKS = 2 ** 10;

/** More images than a batch has. */
const MAX_IMAGES = 2 ** 16;

/**
 * All random numbers of a training step. They follow from the seed and the number of steps done. Each
 * image has its own noise, timestep and dropout masks, however the batch is split into passes and threads.
 */
export function drawsOfStep(config: RunConfig, index: number, numImages: number) {
  const { seed, offsetNoise, selfCondition, dropout } = config;
  const keysOf = (stream: "noise" | "offsetNoise", start: number, end: number): RandomKey[] =>
    Array.from({ length: end - start }, (_, i) => ({
      seed,
      stream,
      index: index * MAX_IMAGES + start + i,
    }));
  const sampling = TIMESTEP_SAMPLINGS[config.timestepSampling];
  const timesteps = sampling.timesteps({ seed, index }, numImages, numTimestepsOf(config));
  const [coin] = randomUniforms({ seed, stream: "selfCondition", index }, 1);
  const selfConditions = selfCondition && (coin as number) < 0.5;
  const { classes, labelDropout } = config;
  const labelCoins =
    classes > 0 ? randomUniforms({ seed, stream: "labelDropout", index }, numImages) : null;
  const masksOf = (start: number): DropoutMask => {
    let numMasks = 0;
    return (shape) => {
      const mask = numMasks++;
      const keys = Array.from({ length: shape[0] }, (_, i): RandomKey => {
        const image = index * MAX_IMAGES + start + i;
        return { seed, stream: "dropout", index: image * MAX_MASKS + mask };
      });
      return dropoutMask(keys, dropout, shape);
    };
  };
  return {
    /**
     * Standard normal noise for images `start` to `end` of the batch, plus offset noise where the
     * configuration has it: `[end - start, H, W, 1]`. The caller disposes it.
     */
    noise: (start: number, end: number): tf.Tensor4D =>
      tf.tidy(() => {
        const noise = normalImages(keysOf("noise", start, end), imageShapeOf(config));
        if (offsetNoise === 0) return noise;
        const offsets = normalRows(keysOf("offsetNoise", start, end), 1);
        const ofImages = tf.reshape<tf.Rank.R4>(offsets, [end - start, 1, 1, 1]);
        return tf.add(noise, tf.mul(ofImages, offsetNoise));
      }),
    /** In [0, T), as `timestepSampling` spreads them, `[B]`. */
    timesteps,
    /**
     * The labels of images `start` on as the network sees them: a share of `labelDropout` is `classes`, "no label".
     *
     * @param labels their own
     */
    seenLabels: (start: number, labels: Uint8Array) =>
      Array.from(labels, (label, i) =>
        (labelCoins?.[start + i] as number) < labelDropout ? classes : label,
      ),
    /** Self-conditioning and dropout of the pass that begins with image `start` of the batch. */
    regularization: (start: number): Regularization => ({
      selfConditions,
      dropout: dropout > 0 ? masksOf(start) : undefined,
    }),
  };
}

/**
 * 0 with probability `rate`, else 1 / (1 - rate), which keeps the mean (inverted dropout).
 *
 * @param keys one for each image
 * @param shape `[B, H, W, C]`
 */
function dropoutMask(
  keys: readonly RandomKey[],
  rate: number,
  shape: tf.Tensor4D["shape"],
): tf.Tensor4D {
  const kept = 1 / (1 - rate);
  const numPerImage = tf.util.sizeFromShape(shape.slice(1));
  const mask = new Float32Array(keys.length * numPerImage);
  for (const [i, key] of keys.entries()) {
    const ofImage = randomUniforms(key, numPerImage).map((u) => (u < rate ? 0 : kept));
    mask.set(ofImage, i * numPerImage);
  }
  return tf.tensor4d(mask, shape);
}
