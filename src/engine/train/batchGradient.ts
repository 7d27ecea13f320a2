import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import type { ImageValues } from "../data/dataset.ts";
import { chunks, pickSamples } from "../data/imageOrder.ts";
import { toModelRange } from "../diffusion/noising.ts";
import { type ImageShape, numValuesOf } from "../nn/architectures.ts";
import { labelRows } from "../nn/embedding.ts";
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
  /** See `LabeledSamples`, `[N, H, W]`. */
  images: ImageValues;
  /** Theirs, `[N]`; null for a network without classes. */
  labels: Uint8Array | null;
  /** Which images of the dataset are in the batch. */
  indices: Uint32Array;
  /** Optimizer steps done before; the random numbers of the step follow from it. */
  step: number;
  /** Most images in one forward-backward pass. */
  microBatchSize: number;
}

/** The mean loss of a batch and its gradient. The caller disposes both. */
export function batchGradient(
  config: RunConfig,
  denoiser: Denoiser,
  batch: Batch,
): LossAndGradient {
  const [whole] = shardsOf(batch, 1, denoiser.network.shape);
  return gradientOver(config, denoiser, whole as Shard);
}

/**
 * Like `batchGradient`, with the images split evenly between this thread and the replicas. Each image counts the same
 * however they are split; but a sum of floating-point numbers depends on its order, so the last bits of the gradient
 * depend on how many threads there are (not on which is done first). To cut every batch into parts of a fixed size would
 * take 1.2 to 1.4 times as long (docs/decisions/threads.md); instead a run goes on with as many threads as it had.
 */
export async function parallelGradient(
  config: RunConfig,
  denoiser: Denoiser,
  batch: Batch,
  replicas: readonly Replica[],
): Promise<LossAndGradient> {
  await shareWeights(replicas, config, denoiser);
  const parts = await inParallel(
    shardsOf(batch, 1 + replicas.length, denoiser.network.shape),
    replicas,
    (shard) => shardGradient(config, denoiser, shard),
    (replica, shard) => replica.gradient(shard),
  );
  const tensors = parts.map(({ loss, gradient }) => {
    return { loss: tf.scalar(loss), gradient: tf.tensor1d(gradient) };
  });
  return tensors.reduce(addUp);
}

/** The part of a batch gradient that one thread computes. */
export async function shardGradient(
  config: RunConfig,
  denoiser: Denoiser,
  shard: Shard,
): Promise<ShardGradient> {
  const part = gradientOver(config, denoiser, shard);
  const [[loss], gradient] = await Promise.all([
    part.loss.data<"float32">(),
    part.gradient.data<"float32">(),
  ]);
  tf.dispose(part);
  return { loss: loss as number, gradient: gradient as Float32Array<ArrayBuffer> };
}

/** Over the images of a shard, in passes of at most `microBatchSize` of them. */
function gradientOver(
  config: RunConfig,
  denoiser: Denoiser,
  { x0, labels, start: first, numImages, step, microBatchSize }: Shard,
): LossAndGradient {
  const { noise, timesteps, seenLabels, regularization } = drawsOfStep(config, step, numImages);
  const { shape } = denoiser.network;
  const numValues = numValuesOf(shape);
  // Summed pass by pass, so that at most two gradients are in memory.
  let sum: LossAndGradient | null = null;
  for (const { start, end } of chunks(x0.length / numValues, microBatchSize)) {
    const part = tf.tidy(() => {
      const batch = {
        x0: imageTensor(x0.subarray(start * numValues, end * numValues), shape),
        eps: noise(first + start, first + end),
        timesteps: timesteps.subarray(first + start, first + end),
        labels:
          labels &&
          labelRows(seenLabels(first + start, labels.subarray(start, end)), config.classes),
      };
      return lossAndGradient(denoiser, batch, { ...regularization(first + start), numImages });
    });
    sum = sum ? addUp(sum, part) : part;
  }
  if (!sum) throw new Error("A batch without images has no gradient.");
  return sum;
}

/** Splits a batch into at most `count` shards of equal size; the last may be smaller. */
function shardsOf(batch: Batch, count: number, shape: ImageShape): Shard[] {
  const { images, labels, indices, step, microBatchSize } = batch;
  const numImages = indices.length;
  return chunks(numImages, Math.ceil(numImages / count)).map(({ start, end }) => {
    const picked = indices.subarray(start, end);
    const x0 = toModelRange(pickSamples(images, picked, numValuesOf(shape)));
    const ownLabels = labels && Uint8Array.from(picked, (index) => labels[index] as number);
    return { x0, labels: ownLabels, start, numImages, step, microBatchSize };
  });
}

/** Adds two results, and disposes both. */
function addUp(a: LossAndGradient, b: LossAndGradient): LossAndGradient {
  const loss = tf.add<tf.Scalar>(a.loss, b.loss);
  const gradient = tf.add<tf.Tensor1D>(a.gradient, b.gradient);
  tf.dispose([a, b]);
  return { loss, gradient };
}
