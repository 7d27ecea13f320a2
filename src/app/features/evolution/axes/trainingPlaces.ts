/** Training steps on the training axis, on which snapshots lie evenly however far apart they were. Pure. */
import type { Snapshot } from "../../../../runtime/run/events.ts";

type Steps = readonly Pick<Snapshot, "step">[];

/** From 0 at the first snapshot to their number - 1 at the last, in line between two of them. */
export function placeOfStep(snapshots: Steps, step: number): number {
  const after = snapshots.findIndex((snapshot) => snapshot.step >= step);
  if (after === -1) return snapshots.length - 1;
  if (after === 0) return 0;
  const [from, to] = [snapshots[after - 1], snapshots[after]] as [Steps[0], Steps[0]];
  return after - 1 + (step - from.step) / (to.step - from.step);
}

/** The step at a place, whole; of the first or last snapshot beyond the ends. */
export function stepOfPlace(snapshots: Steps, place: number): number {
  const within = Math.min(snapshots.length - 1, Math.max(0, place));
  const before = Math.floor(within);
  const from = snapshots[before]?.step ?? 0;
  const to = snapshots[before + 1]?.step ?? from;
  return Math.round(from + (within - before) * (to - from));
}
