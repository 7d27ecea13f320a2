import * as tf from "@tensorflow/tfjs-core";
import { chunks, toUnitRange } from "../data/batches.ts";
import { type RandomKey, randomIntegers, randomPermutation } from "../random.ts";
import { type Denoiser, imageLosses } from "./gradient.ts";
import { imageTensor, NUM_PIXELS, normalImages } from "./images.ts";

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
 * The mean loss over the validation images, with a report after every chunk. Unless drawn
 * anew, the noise is fixed and the timesteps are spread evenly over [0, T), so that two epochs, and
 * two runs, compare.
 */
export async function* validationLoss(
  options: ValidationOptions,
): AsyncGenerator<ValidationProgress, void> {
  const { denoiser, images, chunkSize, freshKey } = options;
  const numImages = images.length / NUM_PIXELS;
  const { numTimesteps } = denoiser.schedule;
  const timesteps = freshKey
    ? randomIntegers({ ...freshKey, stream: "validationTimesteps" }, numImages, numTimesteps)
    : evenTimesteps(numImages, numTimesteps);
  const sums = new Float64Array(NUM_BUCKETS);
  const counts = new Float64Array(NUM_BUCKETS);
  for (const { start, end } of chunks(numImages, chunkSize)) {
    const indices = Array.from({ length: end - start }, (_, i) => start + i);
    const losses = tf.tidy<tf.Tensor1D>(() =>
      imageLosses(denoiser, {
        x0: imageTensor(toUnitRange(images, indices, NUM_PIXELS)),
        eps: normalImages(indices.map((image) => noiseKey(image, freshKey))),
        timesteps: timesteps.subarray(start, end),
      }),
    );
    const values = await losses.data<"float32">();
    losses.dispose();
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
