import { evenIndices } from "../../../../../engine/config/snapshotSteps.ts";
import { formatCount } from "../../../../../runtime/format.ts";
import type { EpochMetrics, Snapshot } from "../../../../../runtime/run/events.ts";

/** Room for the number of an epoch, and of a step, in CSS pixels. */
const EPOCH_WIDTH = 30;
const STEP_WIDTH = 56;

/**
 * Marks of the training slider, with as many numbers as have room: at the snapshots in which epochs
 * ended; before the first has, at all snapshots, with their steps. A mark without a number has a null label.
 *
 * @param width CSS pixels
 */
export function trainingTicks(
  snapshots: readonly Pick<Snapshot, "step">[],
  epochs: readonly Pick<EpochMetrics, "epoch" | "step">[],
  width: number,
): { unit: "epoch" | "step"; ticks: { index: number; label: string | null }[] } {
  const epochAt = new Map(epochs.map(({ step, epoch }) => [step, epoch]));
  const ends = snapshots.flatMap(({ step }, index) => {
    const epoch = epochAt.get(step);
    return epoch === undefined ? [] : [{ index, epoch }];
  });
  if (ends.length > 0) {
    const maxLabels = Math.max(1, Math.floor(width / EPOCH_WIDTH));
    const every = niceStep(Math.max(1, ends.length / maxLabels));
    const ticks = ends.map(({ index, epoch }) => ({
      index,
      label: epoch % every === 0 ? String(epoch) : null,
    }));
    return { unit: "epoch", ticks };
  }
  const maxLabels = Math.max(2, Math.floor(width / STEP_WIDTH));
  const named = new Set(evenIndices(snapshots.length, maxLabels));
  const ticks = snapshots.map(({ step }, index) => ({
    index,
    label: named.has(index) ? formatCount(step) : null,
  }));
  return { unit: "step", ticks };
}

/** The next of 1, 2, 5, 10, 20, … */
function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return power * ([1, 2, 5].find((factor) => factor * power >= atLeast) ?? 10);
}
