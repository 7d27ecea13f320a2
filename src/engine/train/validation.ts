import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { chunks } from "../data/imageOrder.ts";
import { toModelRange } from "../diffusion/noising.ts";
import { type RandomKey, randomIntegers, randomPermutation } from "../random.ts";
import { type Denoiser, imageLosses } from "./gradient.ts";
import { imageTensor, normalImages } from "./images.ts";
import { inParallel, type Replica, type ValidationPart } from "./replica.ts";

/** Not the run's: two runs are measured on the same noise. */
const VALIDATION_SEED = 0;
/** So that no two epochs share a key. */
const MAX_IMAGES = 2 ** 17;

export interface ValidationOptions {
  denoiser: Denoiser;
  /** `[N, 28, 28]`, 0 to 255. */
  images: Uint8Array;
  /** Images a forward pass. */
  chunkSize: number;
  /** Take a pass each while this thread takes one; they have the weights. */
  replicas: readonly Replica[];
  /** Draws noise and timesteps anew, from this seed and index; null for the fixed ones. */
  freshKey: { seed: number; index: number } | null;
}

export interface ValidationProgress {
  /** Done so far. */
  numImages: number;
  /** Mean over these. */
  meanLoss: number;
  /** Mean over those of them whose timestep is in each tenth of [0, T); NaN where there are none. */
  bucketLosses: number[];
}

const NUM_BUCKETS = 10;

/**
 * The mean loss over the validation images, with a report after every pass. Unless drawn
 * anew, the noise is fixed and the timesteps are spread evenly over [0, T), so that two epochs, and
 * two runs, compare.
 */
export async function* validationLoss(
  options: ValidationOptions,
): AsyncGenerator<ValidationProgress, void> {
  const { denoiser, images, chunkSize, replicas, freshKey } = options;
  const numImages = images.length / NUM_PIXELS;
  const { numTimesteps } = denoiser.schedule;
  const timesteps = freshKey
    ? randomIntegers({ ...freshKey, stream: "validationTimesteps" }, numImages, numTimesteps)
    : evenTimesteps(numImages, numTimesteps);
  const sums = new Float64Array(NUM_BUCKETS);
  const counts = new Float64Array(NUM_BUCKETS);
  const partOf = (start: number, end: number): ValidationPart => {
    return {
      x0: toModelRange(images.subarray(start * NUM_PIXELS, end * NUM_PIXELS)),
      noiseKeys: Array.from({ length: end - start }, (_, i) => noiseKey(start + i, freshKey)),
      // Not a view: what is sent to another thread takes the whole buffer along.
      timesteps: timesteps.slice(start, end),
    };
  };
  for (const { start, end } of chunks(numImages, chunkSize * (1 + replicas.length))) {
    const parts = chunks(end - start, chunkSize).map((part) =>
      partOf(start + part.start, start + part.end),
    );
    const losses = await inParallel(
      parts,
      replicas,
      (part) => partLosses(denoiser, part),
      (replica, part) => replica.losses(part),
    );
    const values = losses.flatMap((ofPart) => [...ofPart]);
    values.forEach((loss, i) => {
      const t = timesteps[start + i] as number;
      const bucket = Math.floor((t * NUM_BUCKETS) / numTimesteps);
      sums[bucket] = (sums[bucket] as number) + loss;
      counts[bucket] = (counts[bucket] as number) + 1;
    });
    yield {
      numImages: end,
      meanLoss: sums.reduce((total, sum) => total + sum) / end,
      bucketLosses: Array.from(sums, (sum, bucket) => sum / (counts[bucket] as number)),
    };
  }
}

/** @returns the loss of each image */
export async function partLosses(
  denoiser: Denoiser,
  { x0, noiseKeys, timesteps }: ValidationPart,
): Promise<Float32Array> {
  const losses = tf.tidy(() =>
    imageLosses(denoiser, { x0: imageTensor(x0), eps: normalImages(noiseKeys), timesteps }),
  );
  const values = await losses.data<"float32">();
  losses.dispose();
  return values;
}

/** Timesteps evenly over [0, T), in an order that has nothing to do with that of the images. */
export function evenTimesteps(numImages: number, numTimesteps: number): Int32Array<ArrayBuffer> {
  const key = { seed: VALIDATION_SEED, stream: "timesteps", index: 0 } as const;
  return Int32Array.from(randomPermutation(key, numImages), (rank) =>
    Math.floor(((rank + 0.5) / numImages) * numTimesteps),
  );
}

/** Each image has its own noise, whatever chunk it is in. */
function noiseKey(image: number, freshKey: ValidationOptions["freshKey"]): RandomKey {
  if (!freshKey) return { seed: VALIDATION_SEED, stream: "validationNoise", index: image };
  const index = freshKey.index * MAX_IMAGES + image;
  return { seed: freshKey.seed, stream: "freshValidationNoise", index };
}
