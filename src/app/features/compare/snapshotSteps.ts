import type { ComparedRun } from "../../state/slices/comparison.ts";

/** All training steps at which any of the runs has a picture, ascending. */
export function snapshotSteps(runs: readonly Pick<ComparedRun, "snapshots">[]): number[] {
  const steps = runs.flatMap(({ snapshots }) => snapshots.map(({ step }) => step));
  return [...new Set(steps)].sort((a, b) => a - b);
}
