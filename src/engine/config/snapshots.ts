/** Which digits show how a run's weights change, and after which steps they are drawn. */
import type { RunConfig } from "./hyperparameters.ts";

/**
 * Least of `previewEvery`, but for 0: all snapshots are kept, and at this many steps those of the
 * assignment's 47,000 take 320 MB already.
 */
export const MIN_PREVIEW_EVERY = 20;

/** Always of the same noise, so that one sees the weights change: as many fill a square, 4 by 4. */
export const SNAPSHOT = { count: 16, seed: 0 } as const;

/** Most frames that are kept of one: 640 KB. */
const MAX_FRAMES = 51;

/**
 * Which of its frames, 0 (noise) to `timesteps` (digits), are kept: all, or as many as may be, evenly
 * chosen, with the first and the last.
 */
export function keptFrames(timesteps: number): number[] {
  return evenIndices(timesteps + 1, MAX_FRAMES);
}

/** Where so many frames lie among those from 0 to `timesteps`; one alone is the last. */
export function evenFrames(numFrames: number, timesteps: number): number[] {
  if (numFrames < 2) return [timesteps];
  return Array.from({ length: numFrames }, (_, i) => Math.round((i * timesteps) / (numFrames - 1)));
}

/** At most `most` of the numbers below `count`, evenly spread, the first and the last among them. */
export function evenIndices(count: number, most: number): number[] {
  return count === 0 ? [] : evenFrames(Math.min(count, most), count - 1);
}

/** The first after the start: from there on each comes after twice as many steps. */
const FIRST_STEP = 50;

/**
 * Whether a snapshot is drawn with the weights after so many training steps: at the start, densely
 * while much changes (50, 100, 200, 400, …), after every epoch, and every `previewEvery` steps where
 * that is not 0.
 */
export function isSnapshotStep(
  step: number,
  { previewEvery, stepsPerEpoch }: Pick<RunConfig, "previewEvery"> & { stepsPerEpoch: number },
): boolean {
  const isEarly = Number.isInteger(Math.log2(step / FIRST_STEP)) && step >= FIRST_STEP;
  // No step is a multiple of 0.
  return isEarly || [previewEvery, stepsPerEpoch].some((every) => step % every === 0);
}
