import * as tf from "@tensorflow/tfjs-core";
import type { ImageValues } from "../data/dataset.ts";
import { chunks } from "../data/imageOrder.ts";
import { toModelRange } from "../diffusion/noising.ts";
import { numValuesOf } from "../nn/architectures.ts";
import { labelRows } from "../nn/embedding.ts";
import { type RandomKey, randomIntegers, randomPermutation } from "../random.ts";
import { type Denoiser, imageLosses } from "./gradient.ts";
import { imageTensor, normalImages } from "./images.ts";
import { inParallel, type Replica, type ValidationPart } from "./replica.ts";
import type { ValidationReport } from "./reports.ts";

/** Every run has this seed, so that all are measured on the same noise. */
const VALIDATION_SEED = 0;
/** More images than a validation has, so that no two epochs share a key. */
const MAX_IMAGES = 2 ** 17;

export interface ValidationOptions {
  denoiser: Denoiser;
  /** See `LabeledSamples`, `[N, H, W]`. */
  images: ImageValues;
  /** `[N]`; null for a network without classes. */
  labels: Uint8Array | null;
  /** Images in one forward pass. */
  chunkSize: number;
  /** Threads that each compute a pass while this one does; they must have the weights already. */
  replicas: readonly Replica[];
  /** Seed and index to draw noise and timesteps anew from, as the assignment did; null for the fixed ones. */
  freshKey: { seed: number; index: number } | null;
}

export interface ValidationProgress extends Omit<ValidationReport, "type"> {
  /** Mean over the images done so far. */
  meanLoss: number;
  /** Mean over those whose timestep is in each tenth of [0, T), `[10]`; NaN where there are none. Empty at one noise level. */
  bucketLosses: number[];
  /** Mean over those of each class, `[classes]`; NaN where there are none. Empty without classes. */
  classLosses: number[];
}

const NUM_BUCKETS = 10;

/**
 * The mean loss over the validation images, reported after every pass. Unless drawn anew, the noise is
 * fixed and the timesteps are spread evenly over [0, T), so that epochs and runs can be compared.
 */
export async function* validate(
  options: ValidationOptions,
): AsyncGenerator<ValidationProgress, void> {
  const { denoiser, images, labels, chunkSize, replicas, freshKey } = options;
  const numValues = numValuesOf(denoiser.network.shape);
  const numImages = images.length / numValues;
  const { numTimesteps } = denoiser.schedule;
  const timesteps = freshKey
    ? randomIntegers({ ...freshKey, stream: "validationTimesteps" }, numImages, numTimesteps)
    : validationTimesteps(numImages, numTimesteps);
  // One noise level is not divided.
  const numBuckets = numTimesteps === 1 ? 0 : NUM_BUCKETS;
  const ofBuckets = new GroupMeans(numBuckets);
  const ofClasses = new GroupMeans(denoiser.network.classes);
  let sum = 0;
  let elapsedMs = 0;
  for (const { start, end } of chunks(numImages, chunkSize * (1 + replicas.length))) {
    const startMs = performance.now();
    const parts = chunks(end - start, chunkSize).map((part): ValidationPart => {
      const [first, last] = [start + part.start, start + part.end];
      // Copies, since posting a view to another thread would clone its whole buffer.
      return {
        x0: toModelRange(images.subarray(first * numValues, last * numValues)),
        labels: labels ? labels.slice(first, last) : null,
        noiseKeys: Array.from({ length: last - first }, (_, i) => noiseKey(first + i, freshKey)),
        timesteps: timesteps.slice(first, last),
      };
    });
    const losses = await inParallel(
      parts,
      replicas,
      (part) => partLosses(denoiser, part),
      (replica, part) => replica.losses(part),
    );
    losses
      .flatMap((ofPart) => [...ofPart])
      .forEach((loss, i) => {
        const t = timesteps[start + i] as number;
        sum += loss;
        if (numBuckets > 0) ofBuckets.add(Math.floor((t * numBuckets) / numTimesteps), loss);
        if (labels) ofClasses.add(labels[start + i] as number, loss);
      });
    elapsedMs += performance.now() - startMs;
    yield {
      numImages: end,
      totalImages: numImages,
      meanLoss: sum / end,
      bucketLosses: ofBuckets.means,
      classLosses: ofClasses.means,
      elapsedMs,
    };
  }
}

class GroupMeans {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;

  constructor(numGroups: number) {
    this.#sums = new Float64Array(numGroups);
    this.#counts = new Float64Array(numGroups);
  }

  add(group: number, value: number): void {
    this.#sums[group] = (this.#sums[group] as number) + value;
    this.#counts[group] = (this.#counts[group] as number) + 1;
  }

  /** NaN for a group without numbers. */
  get means(): number[] {
    return Array.from(this.#sums, (sum, group) => sum / (this.#counts[group] as number));
  }
}

/** The loss of each image of one forward pass, `[n]`. */
export async function partLosses(
  denoiser: Denoiser,
  { x0, labels, noiseKeys, timesteps }: ValidationPart,
): Promise<Float32Array> {
  const { shape } = denoiser.network;
  const losses = tf.tidy(() =>
    imageLosses(denoiser, {
      x0: imageTensor(x0, shape),
      eps: normalImages(noiseKeys, shape),
      timesteps,
      labels: labels && labelRows(labels, denoiser.network.classes),
    }),
  );
  const values = await losses.data<"float32">();
  losses.dispose();
  return values;
}

/** Passes without effect, for their kernels: of each size in which so many images are validated. */
export function rehearseLosses(
  denoiser: Denoiser,
  counts: readonly number[],
  chunkSize: number,
): void {
  const passes = counts.flatMap((count) => chunks(count, chunkSize));
  for (const size of new Set(passes.map(({ start, end }) => end - start))) {
    tf.tidy(() => {
      const x0 = tf.zeros<tf.Rank.R4>([size, ...denoiser.network.shape, 1]);
      imageLosses(denoiser, { x0, eps: x0, timesteps: new Int32Array(size) });
    });
  }
}

/** Timesteps spread evenly over [0, T), `[numImages]`, in an order independent of that of the images. */
export function validationTimesteps(
  numImages: number,
  numTimesteps: number,
): Int32Array<ArrayBuffer> {
  const key = { seed: VALIDATION_SEED, stream: "timesteps", index: 0 } as const;
  return Int32Array.from(randomPermutation(key, numImages), (rank) =>
    Math.floor(((rank + 0.5) / numImages) * numTimesteps),
  );
}

/** The key of an image's noise, which does not depend on its chunk. */
function noiseKey(image: number, freshKey: ValidationOptions["freshKey"]): RandomKey {
  if (!freshKey) return { seed: VALIDATION_SEED, stream: "validationNoise", index: image };
  const index = freshKey.index * MAX_IMAGES + image;
  return { seed: freshKey.seed, stream: "freshValidationNoise", index };
}
