/** What noise leaves of an image, on the page itself: at once, also while the worker trains. Pure. */
import { toGreys } from "../startNoise.ts";

/**
 * x_t = sqrt(alphaBar_t) x_0 + sqrt(1 - alphaBar_t) eps (Ho et al. 2020, eq. 4), as grey levels.
 *
 * @param image `[28, 28]`, 0 to 255; x_0 is that in [-1, 1]
 */
export function noisedImage(
  image: Uint8Array,
  { alphaBar, eps }: { alphaBar: number; eps: Float32Array },
): Uint8Array<ArrayBuffer> {
  return toGreys(qSample(image, { alphaBar, eps }));
}

/** The same in the model's range, where -1 is black and 1 is white. */
export function qSample(
  image: Uint8Array,
  { alphaBar, eps }: { alphaBar: number; eps: Float32Array },
): number[] {
  const [signal, noise] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
  return Array.from(image, (grey, i) => signal * ((grey / 255) * 2 - 1) + noise * (eps[i] ?? 0));
}

/** Levels from the image itself, -1, to t, evenly. */
export function noisingLevels(t: number, count: number): number[] {
  const levels = Array.from({ length: count }, (_, i) =>
    Math.round(-1 + (i * (t + 1)) / (count - 1)),
  );
  return [...new Set(levels)];
}
