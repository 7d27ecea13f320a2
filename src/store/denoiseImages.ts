/** The images of the dataset that the denoising view begins with. Pure. */
import type { DenoiseSettings } from "./denoiseSettings.ts";

/** The settings without places that no image has; the same where there are none. */
export function withinImages(settings: DenoiseSettings, numImages: number): DenoiseSettings {
  const { digit, pair } = settings;
  const isPairThere = pair === null || pair.every((place) => place < numImages);
  if (digit < numImages && isPairThere) return settings;
  return { ...settings, digit: digit < numImages ? digit : 0, pair: isPairThere ? pair : null };
}
