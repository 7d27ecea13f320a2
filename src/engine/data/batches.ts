import { randomPermutation } from "../random.ts";

/**
 * The order in which an epoch visits the images: every image once, another order each epoch.
 *
 * @param epoch 0-based
 */
export function epochOrder(seed: number, epoch: number, numImages: number): Uint32Array {
  return randomPermutation({ seed, stream: "shuffle", index: epoch }, numImages);
}

/**
 * Images picked by index, as the network takes them.
 *
 * @param images 0 black to 255 white, `[N, imageLength]`
 * @returns in [-1, 1], `[indices.length, imageLength]`
 */
export function toUnitRange(
  images: Uint8Array,
  indices: ArrayLike<number>,
  imageLength: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(indices.length * imageLength);
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] as number) * imageLength;
    for (let j = 0; j < imageLength; j++) {
      values[i * imageLength + j] = ((images[start + j] as number) / 255) * 2 - 1;
    }
  }
  return values;
}

/** Consecutive ranges [start, end) of at most `size`, covering [0, length). */
export function chunks(length: number, size: number): { start: number; end: number }[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    start: i * size,
    end: Math.min((i + 1) * size, length),
  }));
}
