/** What people read in Evolution. Pure. */
import { epochWord, formatBytes, formatCount } from "../../../../runtime/format.ts";
import type { Params } from "../../../state/address.ts";
import { numSteps } from "../../../state/slices/generation.ts";
import type { Run } from "../../../state/slices/run.ts";
import type { Denoising } from "./denoisingAxis.ts";

export const NOTHING_YET = {
  coming: "The first digits are on their way.",
  introduction:
    "While a run trains, the same noise is turned into digits again and again. Here you can go through all of them.",
  notRecorded: "Not recorded for this run.",
};
export const HOW_TO_MOVE = "Drag over the small pictures, or use the arrow keys; Space plays";
export const EVENLY_SPACED =
  "Evenly spaced by snapshot, not by step: early snapshots are fewer steps apart, because the digits change faster then.";
export const DIGIT_CHOICE = {
  label: "Sample whose whole evolution is drawn",
  click: "show its whole evolution",
};

/** What a film goes through. */
export type FilmKind = Params<"evolution">["film"];

/** The label of a kind of film, and its description in the menu. */
export const FILM_KINDS: Record<FilmKind, { label: string; fileWords: string }> = {
  training: { label: "Training", fileWords: "The film over training" },
  denoising: { label: "Denoising", fileWords: "The film over denoising" },
  both: { label: "Both", fileWords: "The film over training and denoising" },
};

/** The pictures in the same menu. */
export const PICTURES = {
  digits: {
    label: "PNG picture of the digits",
    use: "As they are shown now, at twice their size or more",
  },
  plane: {
    label: "PNG picture of the plane",
    use: "The chosen sample's whole evolution, at twice its size",
  },
};
export const CAPTION_CHOICE = "Training and denoising step below the digits";
/** Title and text of a notice. */
export const LEFT_TOO_EARLY = [
  "The film was not saved",
  "You left Evolution before it was finished. Go back and save it again: it is made while Evolution is open.",
] as const;
export const PICTURE_TOO_LARGE = "The picture is larger than this browser can make.";

/** `Saved run-digits.png (12 kB)`, of a film `Saved run-evolution.gif (120 frames, 1.2 MB)`. */
export function savedWords(fileName: string, numBytes: number, numFrames: number | null): string {
  const frames = numFrames === null ? "" : `${formatCount(numFrames)} frames, `;
  return `Saved ${fileName} (${frames}${formatBytes(numBytes)})`;
}

/** What the small pictures are. */
export function padWords(digit: number): string {
  return `Sample ${digit + 1}, training across, denoising down`;
}

/** What the large picture of a sample is. */
export function planePictureWords(digit: number, numSnapshots: number): string {
  return `Sample ${digit + 1}: ${numSnapshots} snapshots, one below the other, each from noise to digit`;
}

/** @param loss as it is written elsewhere */
export function formatAssignmentLoss(loss: string, step: number): string {
  return `Loss, smoothed: ${loss} at step ${formatCount(step)}`;
}

/** `noise and 50 of 250 denoising steps kept, to save memory`; null where all are. */
export function keptStepsWords(of: Denoising): string | null {
  const { numFrames } = of;
  if (numFrames > numSteps(of)) return null;
  return numFrames < 2
    ? "no denoising steps kept"
    : `noise and ${formatCount(numFrames - 1)} of ${formatCount(numSteps(of))} denoising steps kept, to save memory`;
}

/** What a plane with so many columns shows, the noise before the first step among them. */
export function planeWords(numColumns: number, of: Denoising): string {
  const steps =
    numColumns > numSteps(of)
      ? "a column for each denoising step"
      : `columns for ${formatCount(numColumns - 1)} of ${formatCount(numSteps(of))} denoising steps`;
  return `a row for each snapshot, ${steps}`;
}

/**
 * Which weights are kept of a run that stopped early, where they are not those of its newest snapshot:
 * those of the epoch with the lowest validation loss. Null for other runs.
 */
export function keptWeightsWords(run: Pick<Run, "status" | "epochs" | "config">): string | null {
  const { status, epochs } = run;
  if (status !== "stoppedEarly" || epochs.length === 0) return null;
  const best = epochs.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
  if (best === epochs.at(-1)) return null;
  return `Sampling uses the weights of ${epochWord(run.config)} ${formatCount(best.epoch)}, the best`;
}
