import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { noisedImage, toPixels } from "../../../engine/diffusion/noising.ts";
import type { Schedule } from "../../../engine/diffusion/schedule.ts";
import { randomNormals } from "../../../engine/random.ts";
import { EXAMPLE_DIGIT } from "./exampleDigit.ts";

/** Parts of the way from the digit to noise. */
const PARTS = [0, 0.25, 0.5, 0.75, 1];

export interface NoisyDigits {
  timesteps: number[];
  /** Gray values, `[timesteps.length, 28, 28]`. */
  pixels: Uint8Array;
}

/** The example digit at several t, mixed with the same noise. */
export function noisyDigits(schedule: Schedule): NoisyDigits {
  const timesteps = PARTS.map((part) => Math.round(part * (schedule.numTimesteps - 1)));
  const eps = randomNormals({ seed: 0, stream: "noise", index: 0 }, NUM_PIXELS);
  const noised = timesteps.map((t) => [...noisedImage(schedule, { x0: EXAMPLE_DIGIT, eps, t })]);
  return { timesteps, pixels: toPixels(noised.flat()) };
}
