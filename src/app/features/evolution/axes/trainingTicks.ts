import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";
import { formatCount } from "../../../../runtime/format.ts";
import type { EpochMetrics, Snapshot } from "../../../../runtime/run/events.ts";

export interface Tick {
  /** Index of a snapshot. */
  index: number;
  /** The epoch that ended there, or the step; null for a mark without a word. */
  label: string | null;
}

/**
 * Marks of the training slider: at the snapshots in which epochs ended, with as many numbers as have room.
 *
 * @param maxLabels at least 1
 */
export function epochTicks(
  snapshots: readonly Pick<Snapshot, "step">[],
  epochs: readonly Pick<EpochMetrics, "epoch" | "step">[],
  maxLabels: number,
): Tick[] {
  const epochAt = new Map(epochs.map(({ step, epoch }) => [step, epoch]));
  const ends = snapshots.flatMap(({ step }, index) => {
    const epoch = epochAt.get(step);
    return epoch === undefined ? [] : [{ index, epoch }];
  });
  const every = roundUp(ends.length / maxLabels);
  return ends.map(({ index, epoch }) => ({
    index,
    label: epoch % every === 0 ? String(epoch) : null,
  }));
}

/**
 * Marks at all snapshots, with the steps of as many as have room, the first and the newest among
 * them: before an epoch has ended.
 *
 * @param maxLabels at least 2
 */
export function stepTicks(snapshots: readonly Pick<Snapshot, "step">[], maxLabels: number): Tick[] {
  const named = new Set(evenIndices(snapshots.length, maxLabels));
  return snapshots.map(({ step }, index) => ({
    index,
    label: named.has(index) ? formatCount(step) : null,
  }));
}

/** The next of 1, 2, 5, 10, 20, … */
function roundUp(least: number): number {
  for (let power = 1; ; power *= 10) {
    const found = [1, 2, 5].find((factor) => factor * power >= least);
    if (found) return found * power;
  }
}
