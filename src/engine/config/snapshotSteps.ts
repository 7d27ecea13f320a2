/** Snapshots: digits drawn during a run, always from the same noise, to show how its weights change. */
import type { RunConfig } from "./hyperparameters.ts";

/**
 * The smallest `previewEvery` above 0. All snapshots are kept, and one every 20 of the assignment's
 * 47,000 steps already takes 320 MB.
 */
export const MIN_PREVIEW_EVERY = 20;

/** Every snapshot has the same noise, and as many digits as fill a square of 4 by 4. */
export const SNAPSHOT = { count: 16, seed: 0 } as const;

/** At most so many frames of a snapshot are kept: 640 KB. */
const MAX_FRAMES = 51;

/**
 * Which frames of a snapshot are kept, from 0 (noise) to `timesteps` (digits): all, or `MAX_FRAMES`
 * spread evenly, with the first and the last.
 */
export function keptFrames(timesteps: number): number[] {
  return evenIndices(timesteps + 1, MAX_FRAMES);
}

/** The indices of `numFrames` frames spread evenly from 0 to `timesteps`; a single one is the last. */
export function evenFrames(numFrames: number, timesteps: number): number[] {
  if (numFrames < 2) return [timesteps];
  return Array.from({ length: numFrames }, (_, i) => Math.round((i * timesteps) / (numFrames - 1)));
}

/** At most `most` of the numbers below `count`, evenly spread, the first and the last among them. */
export function evenIndices(count: number, most: number): number[] {
  return count === 0 ? [] : evenFrames(Math.min(count, most), count - 1);
}

/** The step of the first snapshot after the start; the next ones come at twice as many steps each. */
const FIRST_STEP = 50;

/**
 * Whether a snapshot is drawn after `step` training steps: at the start, after 50, 100, 200, 400, …, after
 * every epoch, and every `previewEvery` steps unless that is 0.
 */
export function isSnapshotStep(
  step: number,
  { previewEvery, stepsPerEpoch }: Pick<RunConfig, "previewEvery"> & { stepsPerEpoch: number },
): boolean {
  const isEarly = Number.isInteger(Math.log2(step / FIRST_STEP)) && step >= FIRST_STEP;
  // With 0 the remainder is NaN, so there are none.
  return isEarly || [previewEvery, stepsPerEpoch].some((every) => step % every === 0);
}
