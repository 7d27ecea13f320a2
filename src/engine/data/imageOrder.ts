import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { randomPermutation } from "../random.ts";

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
  const picked = new Uint8Array(indices.length * NUM_PIXELS);
  for (let i = 0; i < indices.length; i++) {
    picked.set(imageAt(images, indices[i] as number), i * NUM_PIXELS);
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
