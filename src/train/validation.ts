import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import { chunks, toUnitRange } from "../data/batches.ts";
import { randomNormals, randomPermutation } from "../random.ts";
import { type Denoiser, imageLosses } from "./gradient.ts";

const NUM_PIXELS = IMAGE_SIZE ** 2;
/** Not the run's: two runs are measured on the same noise. */
const VALIDATION_SEED = 0;

export interface ValidationOptions {
  denoiser: Denoiser;
  /** `[N, 28, 28]`, 0 to 255. */
  images: Uint8Array;
  /** Images a forward pass. */
  chunkSize: number;
}

/**
 * The mean loss over the validation images, with a report after every chunk. The noise is fixed and
 * the timesteps are spread evenly over [0, T), so that two epochs, and two runs, compare.
 */
export async function* validationLoss({ denoiser, images, chunkSize }: ValidationOptions) {
  const numImages = images.length / NUM_PIXELS;
  const timesteps = evenTimesteps(numImages, denoiser.schedule.numTimesteps);
  let lossSum = 0;
  for (const { start, end } of chunks(numImages, chunkSize)) {
    const indices = Array.from({ length: end - start }, (_, i) => start + i);
    const losses = tf.tidy<tf.Tensor1D>(() =>
      imageLosses(denoiser, {
        x0: tf.tensor4d(toUnitRange(images, indices, NUM_PIXELS), imageShape(indices.length)),
        eps: tf.tensor4d(validationNoise(indices), imageShape(indices.length)),
        timesteps: timesteps.subarray(start, end),
      }),
    );
    const values = await losses.data<"float32">();
    losses.dispose();
    lossSum += values.reduce((sum, value) => sum + value, 0);
    yield { numImages: end, meanLoss: lossSum / end };
  }
}

/** Timesteps evenly over [0, T), in an order that has nothing to do with that of the images. */
export function evenTimesteps(numImages: number, numTimesteps: number): Int32Array<ArrayBuffer> {
  const key = { seed: VALIDATION_SEED, stream: "timesteps", index: 0 } as const;
  return Int32Array.from(randomPermutation(key, numImages), (rank) =>
    Math.floor(((rank + 0.5) / numImages) * numTimesteps),
  );
}

/** Each image has its own noise, whatever chunk it is in; `[indices.length, 28, 28]`. */
function validationNoise(indices: readonly number[]): Float32Array<ArrayBuffer> {
  const noise = new Float32Array(indices.length * NUM_PIXELS);
  indices.forEach((index, i) => {
    const key = { seed: VALIDATION_SEED, stream: "validationNoise", index } as const;
    noise.set(randomNormals(key, NUM_PIXELS), i * NUM_PIXELS);
  });
  return noise;
}

function imageShape(numImages: number): [number, number, number, number] {
  return [numImages, IMAGE_SIZE, IMAGE_SIZE, 1];
}
