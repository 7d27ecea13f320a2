import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { chunks, toUnitRange } from "../data/batches.ts";
import { drawsOfStep } from "./draws.ts";
import { type Denoiser, type LossAndGradient, lossAndGradient } from "./gradient.ts";
import { imageTensor, NUM_PIXELS } from "./images.ts";

export interface Batch {
  /** `[N, 28, 28]`, 0 to 255. */
  images: Uint8Array;
  /** Which of these. */
  indices: Uint32Array;
  /** Steps done before: chance follows from it. */
  step: number;
  /** Most images in one forward-backward pass. */
  microBatchSize: number;
}

/**
 * Sum of the losses and mean gradient of a batch, made of as many passes as memory asks for. The
 * caller disposes both.
 */
export function batchGradient(
  config: RunConfig,
  denoiser: Denoiser,
  { images, indices, step, microBatchSize }: Batch,
): LossAndGradient {
  const size = indices.length;
  const { noise, timesteps, regularization } = drawsOfStep(config, step, size);
  const x0 = toUnitRange(images, indices, NUM_PIXELS);

  // One after the other, so that never more than two gradients are held.
  const sum = chunks(size, microBatchSize).reduce<LossAndGradient | null>(
    (before, { start, end }) => {
      const part = tf.tidy(() =>
        lossAndGradient(
          denoiser,
          {
            x0: imageTensor(x0.subarray(start * NUM_PIXELS, end * NUM_PIXELS)),
            eps: noise(start, end),
            timesteps: timesteps.subarray(start, end),
          },
          regularization,
        ),
      );
      return before ? addUp(before, part) : part;
    },
    null,
  );
  if (!sum) throw new Error("A batch without images has no gradient.");
  const gradient = tf.div<tf.Tensor1D>(sum.gradient, size);
  sum.gradient.dispose();
  return { lossSum: sum.lossSum, gradient };
}

/** Replaces two micro-batches by their sum. */
function addUp(a: LossAndGradient, b: LossAndGradient): LossAndGradient {
  const lossSum = tf.add<tf.Scalar>(a.lossSum, b.lossSum);
  const gradient = tf.add<tf.Tensor1D>(a.gradient, b.gradient);
  tf.dispose([a.lossSum, a.gradient, b.lossSum, b.gradient]);
  return { lossSum, gradient };
}
