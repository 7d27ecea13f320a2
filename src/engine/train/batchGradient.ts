import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS, type RunConfig } from "../config/hyperparameters.ts";
import { chunks, pickImages } from "../data/imageOrder.ts";
import { toModelRange } from "../diffusion/noising.ts";
import { drawsOfStep } from "./draws.ts";
import { type Denoiser, type LossAndGradient, lossAndGradient } from "./gradient.ts";
import { imageTensor } from "./images.ts";
import {
  inParallel,
  type Replica,
  type Shard,
  type ShardGradient,
  shareWeights,
} from "./replica.ts";

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

/** Sum of the losses and mean gradient of a batch. The caller disposes both. */
export function batchGradient(
  config: RunConfig,
  denoiser: Denoiser,
  batch: Batch,
): LossAndGradient {
  const [whole] = shardsOf(batch, 1);
  return withMean(sumOver(config, denoiser, whole as Shard), batch);
}

/**
 * The same, of a shard for this thread and one for each replica, of as many images. Sums are made in
 * the order of the shards: how many there are decides the last bits, which is done first does not.
 */
export async function parallelGradient(
  config: RunConfig,
  denoiser: Denoiser,
  batch: Batch,
  replicas: readonly Replica[],
): Promise<LossAndGradient> {
  await shareWeights(replicas, config, denoiser);
  const parts = await inParallel(
    shardsOf(batch, 1 + replicas.length),
    replicas,
    (shard) => shardGradient(config, denoiser, shard),
    (replica, shard) => replica.gradient(shard),
  );
  const sums = parts.map(({ lossSum, gradient }) => {
    return { lossSum: tf.scalar(lossSum), gradient: tf.tensor1d(gradient) };
  });
  return withMean(sums.reduce(addUp), batch);
}

/** What one thread adds to the gradient of a batch. */
export async function shardGradient(
  config: RunConfig,
  denoiser: Denoiser,
  shard: Shard,
): Promise<ShardGradient> {
  const sums = sumOver(config, denoiser, shard);
  const [[lossSum], gradient] = await Promise.all([
    sums.lossSum.data<"float32">(),
    sums.gradient.data<"float32">(),
  ]);
  tf.dispose([sums.lossSum, sums.gradient]);
  return { lossSum: lossSum as number, gradient: gradient as Float32Array<ArrayBuffer> };
}

/** Made of as many passes as memory asks for. */
function sumOver(
  config: RunConfig,
  denoiser: Denoiser,
  { x0, start: place, numImages, step, microBatchSize }: Shard,
): LossAndGradient {
  const { noise, timesteps, regularization } = drawsOfStep(config, step, numImages);
  // One after the other, so that never more than two gradients are held.
  const sum = chunks(x0.length / NUM_PIXELS, microBatchSize).reduce<LossAndGradient | null>(
    (before, { start, end }) => {
      const part = tf.tidy(() =>
        lossAndGradient(
          denoiser,
          {
            x0: imageTensor(x0.subarray(start * NUM_PIXELS, end * NUM_PIXELS)),
            eps: noise(place + start, place + end),
            timesteps: timesteps.subarray(place + start, place + end),
          },
          regularization(place + start),
        ),
      );
      return before ? addUp(before, part) : part;
    },
    null,
  );
  if (!sum) throw new Error("A batch without images has no gradient.");
  return sum;
}

/** At most `count`, of as many images each; the last may have fewer. */
function shardsOf({ images, indices, step, microBatchSize }: Batch, count: number): Shard[] {
  const numImages = indices.length;
  return chunks(numImages, Math.ceil(numImages / count)).map(({ start, end }) => {
    const x0 = toModelRange(pickImages(images, indices.subarray(start, end)));
    return { x0, start, numImages, step, microBatchSize };
  });
}

/** Replaces the gradient by its mean over the images. */
function withMean({ lossSum, gradient }: LossAndGradient, { indices }: Batch): LossAndGradient {
  const mean = tf.div<tf.Tensor1D>(gradient, indices.length);
  gradient.dispose();
  return { lossSum, gradient: mean };
}

/** Replaces two by their sum. */
function addUp(a: LossAndGradient, b: LossAndGradient): LossAndGradient {
  const lossSum = tf.add<tf.Scalar>(a.lossSum, b.lossSum);
  const gradient = tf.add<tf.Tensor1D>(a.gradient, b.gradient);
  tf.dispose([a.lossSum, a.gradient, b.lossSum, b.gradient]);
  return { lossSum, gradient };
}
