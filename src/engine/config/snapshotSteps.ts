/** Snapshots: digits drawn during a run, always from the same noise, to show how its weights change. */
import type { Condition } from "./condition.ts";
import type { RunConfig } from "./hyperparameters.ts";
import { MAX_DIGITS } from "./sampling.ts";

/**
 * The smallest `previewEvery` above 0. All snapshots are kept, and one every 20 of the assignment's
 * 47,000 steps already takes 320 MB.
 */
export const MIN_PREVIEW_EVERY = 20;

/** Every snapshot has the same noise; without classes as many digits as fill a square of 4 by 4. */
export const SNAPSHOT = { count: 16, seed: 0 } as const;

type Classes = Pick<RunConfig, "classes">;

/** Digits of each class in a snapshot, where that makes no more than `MAX_DIGITS`. */
const PER_CLASS = 10;

function perClassOf({ classes }: Classes): number {
  return Math.max(1, Math.min(PER_CLASS, Math.floor(MAX_DIGITS / classes)));
}

/** Digits of a snapshot. Of more than `MAX_DIGITS` classes it has the first ones. */
export function snapshotCount({ classes }: Classes): number {
  return classes > 0 ? Math.min(MAX_DIGITS, classes * perClassOf({ classes })) : SNAPSHOT.count;
}

/** How a snapshot with rows by class is laid out. */
export interface ClassRows {
  perClass: number;
  /** Digits beside each other, of one class or of several small ones. */
  columns: number;
  /** The names of the classes, by label; left out where the labels are their names. */
  names?: readonly string[];
}

/** Null where the digits have no order, as those of networks without classes and of other counts. */
export function classRows(
  count: number,
  { classes }: Classes,
  names: readonly string[] | null = null,
): ClassRows | null {
  if (classes === 0 || count !== snapshotCount({ classes })) return null;
  const perClass = perClassOf({ classes });
  const columns = perClass * Math.ceil(Math.sqrt(count) / perClass);
  return { perClass, columns, ...(names && { names }) };
}

/** What a snapshot asks a network with classes for; null for one without. */
export function snapshotCondition(
  config: Pick<RunConfig, "classes" | "guidance">,
): Condition | null {
  if (config.classes === 0) return null;
  const perClass = perClassOf(config);
  const labels = Array.from({ length: snapshotCount(config) }, (_, i) => Math.floor(i / perClass));
  return { labels, guidance: config.guidance };
}

/** At most so many frames of a snapshot are kept, and so many images in all: 640 KB. */
const MAX_FRAMES = 51;
const MAX_IMAGES = MAX_FRAMES * SNAPSHOT.count;

/**
 * Which frames of a snapshot with `count` digits are kept, from 0 (noise) to `timesteps` (digits): all, or
 * as many as there is room for, spread evenly, with the first and the last. Of few, up to half as many
 * where these are equally far apart.
 */
export function keptFrames(timesteps: number, count: number): number[] {
  const most = Math.floor(MAX_IMAGES / count);
  const few = Array.from({ length: Math.ceil(most / 2) }, (_, i) => most - i);
  const even =
    most < MAX_FRAMES ? few.find((numFrames) => timesteps % (numFrames - 1) === 0) : null;
  return evenIndices(timesteps + 1, even ?? Math.min(MAX_FRAMES, most));
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

/** The fewest steps between those of a network with classes, which have more digits: early ones meet them. */
const CLASS_PERIOD = 800;

/**
 * Whether a snapshot is drawn after `step` training steps: at the start but of a distillation, after 50, 100, 200, 400, …, after
 * every epoch, and every `previewEvery` steps unless that is 0; with classes, every so many of these that
 * they are `CLASS_PERIOD` apart.
 */
export function isSnapshotStep(
  step: number,
  config: Pick<RunConfig, "previewEvery" | "classes" | "distilFrom"> & { stepsPerEpoch: number },
): boolean {
  const { previewEvery, classes, distilFrom, stepsPerEpoch } = config;
  // The first student is still its teacher, whose many steps may take minutes.
  if (step === 0 && distilFrom > 0) return false;
  const period = previewEvery * (classes > 0 ? Math.ceil(CLASS_PERIOD / previewEvery) : 1);
  const isEarly = Number.isInteger(Math.log2(step / FIRST_STEP)) && step >= FIRST_STEP;
  // With 0 the remainder is NaN, so there are none.
  return isEarly || [period, stepsPerEpoch].some((every) => step % every === 0);
}
