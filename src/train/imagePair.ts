import { randomPair } from "../random.ts";
import { NUM_PIXELS } from "./images.ts";

/** Two images that are noised, mixed in growing shares, and denoised again. */
export interface ImagePair {
  /** In [-1, 1], `[2, 28, 28]`. */
  images: Float32Array;
  /** Level they are noised to, 1 to T - 1; sampling takes as large a part of the steps. */
  t: number;
}

/**
 * Two different images, chosen by the seed.
 *
 * @param images `[N, 28, 28]`, N at least 2
 * @throws Error when there are fewer than two images
 */
export function pairIndices(images: Uint8Array, seed: number): [number, number] {
  const numImages = images.length / NUM_PIXELS;
  if (numImages < 2) {
    throw new Error(`Interpolation needs two images to go between, got ${numImages}. Load more.`);
  }
  return randomPair(seed, numImages);
}
