import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import type { DropoutMask } from "../nn/resnetBlock.ts";
import { type RandomKey, randomIntegers, randomNormals, randomUniforms } from "../random.ts";
import type { Regularization } from "./gradient.ts";
import { NUM_PIXELS } from "./images.ts";

/** Passes and layers that draw a mask of their own in one step, at most. */
const MAX_MASKS = 2 ** 16;

export interface StepDraws {
  draws: {
    /** Standard normal, and offset noise where asked for, `[B, 28, 28]`. */
    noise: Float32Array;
    /** Uniform in [0, T), `[B]`. */
    timesteps: Int32Array;
  };
  regularization: Regularization;
}

/**
 * All that chance decides in a training step. It follows from the seed and the count of steps done,
 * and belongs to the batch, so that noise and timesteps do not depend on how the batch is cut.
 * Dropout masks do: they are drawn layer by layer.
 */
export function drawsOfStep(config: RunConfig, index: number, numImages: number): StepDraws {
  const { seed, timesteps: numTimesteps, offsetNoise, selfCondition, dropout } = config;
  const noise = randomNormals({ seed, stream: "noise", index }, numImages * NUM_PIXELS);
  if (offsetNoise > 0) {
    const offsets = randomNormals({ seed, stream: "offsetNoise", index }, numImages);
    noise.forEach((value, i) => {
      noise[i] = value + offsetNoise * (offsets[Math.floor(i / NUM_PIXELS)] as number);
    });
  }
  const timesteps = randomIntegers({ seed, stream: "timesteps", index }, numImages, numTimesteps);
  const [coin] = randomUniforms({ seed, stream: "selfCondition", index }, 1);
  const selfConditions = selfCondition && (coin as number) < 0.5;
  let numMasks = 0;
  const mask: DropoutMask = (shape) => {
    const key = { seed, stream: "dropout", index: index * MAX_MASKS + numMasks++ } as const;
    return dropoutMask(key, dropout, shape);
  };
  return {
    draws: { noise, timesteps },
    regularization: { selfConditions, dropout: dropout > 0 ? mask : undefined },
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
