import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { chunks } from "../data/imageOrder.ts";
import { toModelRange } from "../diffusion/noising.ts";
import { type RandomKey, randomIntegers, randomPermutation } from "../random.ts";
import { type Denoiser, imageLosses } from "./gradient.ts";
import { imageTensor, normalImages } from "./images.ts";
import { inParallel, type Replica, type ValidationPart } from "./replica.ts";
import type { ValidationReport } from "./reports.ts";

/** The same for every run, so that all are measured on the same noise. */
const VALIDATION_SEED = 0;
/** More images than a validation has, so that no two epochs share a key. */
const MAX_IMAGES = 2 ** 17;

export interface ValidationOptions {
  denoiser: Denoiser;
  /** `[N, 28, 28]`, 0 to 255. */
  images: Uint8Array;
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
  /** Mean over those whose timestep is in each tenth of [0, T), `[10]`; NaN where there are none. */
  bucketLosses: number[];
}

const NUM_BUCKETS = 10;

/**
 * The mean loss over the validation images, reported after every pass. Unless drawn anew, the noise is
 * fixed and the timesteps are spread evenly over [0, T), so that epochs and runs can be compared.
 */
export async function* validate(
  options: ValidationOptions,
): AsyncGenerator<ValidationProgress, void> {
  const { denoiser, images, chunkSize, replicas, freshKey } = options;
  const numImages = images.length / NUM_PIXELS;
  const { numTimesteps } = denoiser.schedule;
  const timesteps = freshKey
    ? randomIntegers({ ...freshKey, stream: "validationTimesteps" }, numImages, numTimesteps)
    : validationTimesteps(numImages, numTimesteps);
  const sums = new Float64Array(NUM_BUCKETS);
  const counts = new Float64Array(NUM_BUCKETS);
  let elapsedMs = 0;
  for (const { start, end } of chunks(numImages, chunkSize * (1 + replicas.length))) {
    const startMs = performance.now();
    const parts = chunks(end - start, chunkSize).map((part): ValidationPart => {
      const [first, last] = [start + part.start, start + part.end];
      return {
        x0: toModelRange(images.subarray(first * NUM_PIXELS, last * NUM_PIXELS)),
        noiseKeys: Array.from({ length: last - first }, (_, i) => noiseKey(first + i, freshKey)),
        // A copy, since posting a view to another thread would clone its whole buffer.
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
        const bucket = Math.floor((t * NUM_BUCKETS) / numTimesteps);
        sums[bucket] = (sums[bucket] as number) + loss;
        counts[bucket] = (counts[bucket] as number) + 1;
      });
    elapsedMs += performance.now() - startMs;
    yield {
      numImages: end,
      totalImages: numImages,
      meanLoss: sums.reduce((total, sum) => total + sum) / end,
      bucketLosses: Array.from(sums, (sum, bucket) => sum / (counts[bucket] as number)),
      elapsedMs,
    };
  }
}

/** The loss of each image of one forward pass, `[n]`. */
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
