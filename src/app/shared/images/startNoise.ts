/** The noise that digits begin with, on the page itself: before anything was asked of the worker. */
import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { toPixels } from "../../../engine/diffusion/noising.ts";
import { randomNormals, samplingKey } from "../../../engine/random.ts";

/** The noise of the newest seed, by digit, is kept: it is asked for again and again. */
let drawn: { seed: number; digits: Float32Array[] } = { seed: 0, digits: [] };

/** The standard normal noise that the worker gives to digit `index` of a batch, `[28, 28]`. */
export function noiseOf(seed: number, index: number): Float32Array {
  if (drawn.seed !== seed) drawn = { seed, digits: [] };
  drawn.digits[index] ??= randomNormals(samplingKey({ seed, image: index, step: 0 }), NUM_PIXELS);
  return drawn.digits[index];
}

/** x_T of the digits of a batch as gray levels, `[count, 28, 28]`: the first frame that would come. */
export function startNoise(seed: number, count: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(count * NUM_PIXELS);
  for (let i = 0; i < count; i++) pixels.set(toPixels(noiseOf(seed, i)), i * NUM_PIXELS);
  return pixels;
}
