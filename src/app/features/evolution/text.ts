/** Names of films, and descriptions of positions in training and denoising. */
import { type ClassRows, evenFrames } from "../../../engine/config/snapshotSteps.ts";
import { counted, type EpochWord, epochWord, formatCount } from "../../../runtime/format.ts";
import { numSteps } from "../../state/slices/generation.ts";
import type { Run } from "../../state/slices/run.ts";
import type { FilmKind } from "./place.ts";

/** The label of a kind of film, and its description in the menu. */
export const FILM_KINDS: Record<FilmKind, { label: string; fileWords: string }> = {
  training: { label: "Training", fileWords: "The film over training" },
  denoising: { label: "Denoising", fileWords: "The film over denoising" },
  both: { label: "Both", fileWords: "The film over training and denoising" },
};

/** `Sample 12`, of rows by class `Sample 12, class 1`. */
export function sampleWords(digit: number, rows: ClassRows | null): string {
  const ofClass = rows ? `, class ${Math.floor(digit / rows.perClass)}` : "";
  return `Sample ${digit + 1}${ofClass}`;
}

/** The denoising of snapshots. */
export interface DenoisingAxis {
  /** The timestep of each frame that was drawn, falling; the last is -1, the finished image. */
  times: readonly number[];
  /** Frames that were kept: the noise, and one after each denoising step or after some of them. */
  axis: number;
}

/** `at the start of training`, `after 1,200 steps, in epoch 3`, `after 1,200 steps, the end of epoch 2`. */
export function trainingWords(
  step: number,
  stepsPerEpoch: number | null,
  epochWord: EpochWord = "epoch",
): string {
  if (step === 0) return "at the start of training";
  const steps = `after ${counted(step, "step")}`;
  if (!stepsPerEpoch) return steps;
  const epoch = formatCount(Math.ceil(step / stepsPerEpoch));
  return `${steps}, ${step % stepsPerEpoch === 0 ? "the end of" : "in"} ${epochWord} ${epoch}`;
}

/** After how many denoising steps a frame of the axis was kept. */
function stepAt(frame: number, of: DenoisingAxis): number {
  return evenFrames(of.axis, numSteps(of))[frame] ?? numSteps(of);
}

/** The timestep the images of a frame are at; -1, the finished image, counts as 0. */
export function timestepAt(frame: number, of: DenoisingAxis): number {
  return Math.max(0, of.times[stepAt(frame, of)] ?? 0);
}

/** `noise, t = 999`, `denoising step 3 of 10, t = 699`, `digits, t = 0`. */
export function denoisingWords(frame: number, of: DenoisingAxis): string {
  const t = `t = ${formatCount(timestepAt(frame, of))}`;
  if (frame >= of.axis - 1) return `digits, ${t}`;
  if (frame === 0) return `noise, ${t}`;
  const step = `${formatCount(stepAt(frame, of))} of ${formatCount(numSteps(of))}`;
  return `denoising step ${step}, ${t}`;
}

/** `noise and 50 of 250 denoising steps kept, to save memory`; null where all are. */
export function keptStepsWords(of: DenoisingAxis): string | null {
  const { axis } = of;
  if (axis > numSteps(of)) return null;
  return axis < 2
    ? "no denoising steps kept"
    : `noise and ${formatCount(axis - 1)} of ${formatCount(numSteps(of))} denoising steps kept, to save memory`;
}

/** What a plane with so many columns shows, the noise before the first step among them. */
export function planeWords(numColumns: number, of: DenoisingAxis): string {
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
