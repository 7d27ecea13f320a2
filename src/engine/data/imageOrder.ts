import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { randomPermutation } from "../random.ts";
import type { ImageValues } from "./dataset.ts";

/**
 * The order in which an epoch (0-based) visits the images: each once, in a new order every epoch.
 *
 * @param numVisits more or fewer than there are images: the first of as many such orders as it takes
 */
export function epochOrder(
  seed: number,
  epoch: number,
  numImages: number,
  numVisits = numImages,
): Uint32Array {
  const numOrders = Math.ceil(numVisits / numImages);
  const orders = new Uint32Array(numOrders * numImages);
  for (let i = 0; i < numOrders; i++) {
    const key = { seed, stream: "shuffle", index: epoch * numOrders + i } as const;
    orders.set(randomPermutation(key, numImages), i * numImages);
  }
  return orders.subarray(0, numVisits);
}

/** One of `[N, 28, 28]`, `[28, 28]`: not a copy. */
export function imageAt(images: Uint8Array, index: number): Uint8Array {
  return images.subarray(index * NUM_PIXELS, (index + 1) * NUM_PIXELS);
}

/** A copy of the images at some indices: of `[N, 28, 28]`, `[indices.length, 28, 28]`. */
export function pickImages(
  images: Uint8Array,
  indices: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  return pickSamples(images, indices, NUM_PIXELS) as Uint8Array<ArrayBuffer>;
}

/** A copy of the images or points at some indices: of `[N, numValues]`, `[indices.length, numValues]`. */
export function pickSamples(
  samples: ImageValues,
  indices: ArrayLike<number>,
  numValues: number,
): ImageValues {
  const length = indices.length * numValues;
  const picked = samples instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] as number) * numValues;
    picked.set(samples.subarray(start, start + numValues), i * numValues);
  }
  return picked;
}

/** Consecutive ranges [start, end) of at most `size`, covering [0, length). */
export function chunks(length: number, size: number): { start: number; end: number }[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    start: i * size,
    end: Math.min((i + 1) * size, length),
  }));
}
