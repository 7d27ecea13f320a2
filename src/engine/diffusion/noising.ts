/**
 * The forward process on plain arrays, for the page and for the first images of sampling. In loops: `from` is
 * several times as slow, and drawing and training wait for it.
 */
import type { Schedule } from "./schedule.ts";

/**
 * The image after t steps of noise, x_t = alpha_t x_0 + sigma_t eps; see `qSample`.
 *
 * @param of.x0 in [-1, 1]
 * @param of.eps standard normal, as long
 * @param of.t in [0, T); -1 is the image itself
 */
export function noisedImage(
  { signals, noises }: Pick<Schedule, "signals" | "noises">,
  { x0, eps, t }: { x0: Float32Array; eps: Float32Array; t: number },
): Float32Array<ArrayBuffer> {
  const [signal, noise] = [signals[t] ?? 1, noises[t] ?? 0];
  const image = new Float32Array(x0.length);
  for (let i = 0; i < image.length; i++) {
    image[i] = signal * (x0[i] as number) + noise * (eps[i] as number);
  }
  return image;
}

/**
 * Images between two others, still noisy: (1 - share) x_t + share x'_t, to be denoised from t - 1
 * on, as the library's `interpolate` does (Ho et al. 2020, section 4.3 and figure 8).
 *
 * @param of.x0 two images in [-1, 1], one after the other
 * @param of.eps standard normal noise for each
 * @param of.shares of the second image, 0 to 1, `[B]`
 * @returns `[B, x0.length / 2]`
 */
export function noisedMidpoints(
  schedule: Pick<Schedule, "signals" | "noises">,
  { shares, ...of }: { x0: Float32Array; eps: Float32Array; t: number; shares: readonly number[] },
): Float32Array<ArrayBuffer> {
  const pair = noisedImage(schedule, of);
  const length = pair.length / 2;
  const between = new Float32Array(shares.length * length);
  shares.forEach((share, image) => {
    for (let i = 0; i < length; i++) {
      const [first, second] = [pair[i] as number, pair[length + i] as number];
      between[image * length + i] = (1 - share) * first + share * second;
    }
  });
  return between;
}

/** Pixels, 0 black to 255 white, as values in the model's range [-1, 1]; a copy of what is in it already, as points are. */
export function toModelRange(pixels: Uint8Array | Float32Array): Float32Array<ArrayBuffer> {
  if (pixels instanceof Float32Array) return pixels.slice();
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) values[i] = ((pixels[i] as number) / 255) * 2 - 1;
  return values;
}

/** One image for each of `count` digits, in the model's range, `[count, image.length]`. */
export function repeatedImage(image: Uint8Array, count: number): Float32Array<ArrayBuffer> {
  const one = toModelRange(image);
  const all = new Float32Array(count * one.length);
  for (let i = 0; i < count; i++) all.set(one, i * one.length);
  return all;
}

/** Values in the model's range as pixels, rounded and clipped to 0 to 255. */
export function toPixels(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  // Uint8ClampedArray rounds and clips; Uint8Array would wrap around.
  const pixels = new Uint8ClampedArray(values.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (((values[i] as number) + 1) / 2) * 255;
  return new Uint8Array(pixels.buffer);
}
