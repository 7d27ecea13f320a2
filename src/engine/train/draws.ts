import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import type { DropoutMask } from "../nn/resnetBlock.ts";
import { normalRows } from "../ops/randomNormals.ts";
import { type RandomKey, randomIntegers, randomUniforms } from "../random.ts";
import type { Regularization } from "./gradient.ts";
import { normalImages } from "./images.ts";

/** Masks that a pass draws, at most: one a layer, and again where it conditions itself. */
const MAX_MASKS = 2 ** 10;

/** Images of a batch, at most. */
const MAX_IMAGES = 2 ** 16;

export interface StepDraws {
  /**
   * Standard normal noise, and offset noise where asked for, of some images of the batch,
   * `[end - start, 28, 28, 1]`; the caller disposes it.
   */
  noise(start: number, end: number): tf.Tensor4D;
  /** Uniform in [0, T), `[B]`. */
  timesteps: Int32Array;
  /** Of a pass over images from `start` of the batch on. */
  regularization(start: number): Regularization;
}

/**
 * All that chance decides in a training step. It follows from the seed and the count of steps done;
 * each image has its own noise and timestep, which do not depend on how the batch is cut.
 * Dropout masks do: they are drawn layer by layer.
 */
export function drawsOfStep(config: RunConfig, index: number, numImages: number): StepDraws {
  const { seed, timesteps: numTimesteps, offsetNoise, selfCondition, dropout } = config;
  const keysOf = (stream: "noise" | "offsetNoise", start: number, end: number): RandomKey[] =>
    Array.from({ length: end - start }, (_, i) => {
      return { seed, stream, index: index * MAX_IMAGES + start + i };
    });
  const timesteps = randomIntegers({ seed, stream: "timesteps", index }, numImages, numTimesteps);
  const [coin] = randomUniforms({ seed, stream: "selfCondition", index }, 1);
  const selfConditions = selfCondition && (coin as number) < 0.5;
  const masksOf = (start: number): DropoutMask => {
    let numMasks = 0;
    return (shape) => {
      const mask = (index * MAX_IMAGES + start) * MAX_MASKS + numMasks++;
      return dropoutMask({ seed, stream: "dropout", index: mask }, dropout, shape);
    };
  };
  return {
    noise: (start, end) =>
      tf.tidy(() => {
        const noise = normalImages(keysOf("noise", start, end));
        if (offsetNoise === 0) return noise;
        const offsets = normalRows(keysOf("offsetNoise", start, end), 1);
        const ofImages = tf.reshape<tf.Rank.R4>(offsets, [end - start, 1, 1, 1]);
        return tf.add(noise, tf.mul(ofImages, offsetNoise));
      }),
    timesteps,
    regularization: (start) => ({
      selfConditions,
      dropout: dropout > 0 ? masksOf(start) : undefined,
    }),
  };
}

/** 0 with probability `rate`, else 1 / (1 - rate), so that the mean stays. */
function dropoutMask(key: RandomKey, rate: number, shape: tf.Tensor4D["shape"]): tf.Tensor4D {
  const size = shape.reduce((product, length) => product * length, 1);
  const kept = 1 / (1 - rate);
  return tf.tensor4d(
    randomUniforms(key, size).map((u) => (u < rate ? 0 : kept)),
    shape,
  );
}
