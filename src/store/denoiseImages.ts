/** The images of the dataset that the denoising view begins with. Pure. */
import type { LoadedDataset } from "./dataset.ts";
import type { DenoiseSettings } from "./denoiseSettings.ts";

/** Of how many one chooses: those held out of training, or all where hardly any are. */
export function numShownImages({
  numTrain,
  numValidation,
}: Pick<LoadedDataset, "numTrain" | "numValidation">): number {
  return numValidation > 1 ? numValidation : numTrain;
}

/** The settings without places that no image has; the same where there are none. */
export function withinImages(settings: DenoiseSettings, numImages: number): DenoiseSettings {
  const { digit, pair } = settings;
  const isPairThere = pair === null || pair.every((place) => place < numImages);
  if (digit < numImages && isPairThere) return settings;
  return { ...settings, digit: digit < numImages ? digit : 0, pair: isPairThere ? pair : null };
}
