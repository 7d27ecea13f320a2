/**
 * The loss curve of the strip above the training slider, on whose axis snapshots lie evenly however
 * far apart they were. Pure.
 */
import type { Snapshot, StepMetrics } from "../../../../../runtime/run/events.ts";
import { downsample, smooth } from "../../../../shared/plot/smoothing.ts";
import { DEFAULT_CHART_OPTIONS } from "../../../../state/slices/chartOptions.ts";

type Steps = readonly Pick<Snapshot, "step">[];

export interface LossStripCurve {
  /**
   * `[x, y]`, both from 0 to 1: the first snapshot is left and the newest right, as on the slider
   * below; the highest loss is at the top, by its logarithm.
   */
  points: readonly (readonly [number, number])[];
  steps: readonly StepMetrics[];
  /** Smoothed, of each step. */
  losses: readonly number[];
}

const MAX_POINTS = 400;

/** Null without two snapshots and two finite losses. */
export function lossStripCurve(
  allSteps: readonly StepMetrics[],
  snapshots: Steps,
): LossStripCurve | null {
  const lastStep = snapshots.at(-1)?.step ?? 0;
  const steps = allSteps.filter(({ step }) => step <= lastStep);
  const losses = smooth(
    steps.map(({ loss }) => loss),
    DEFAULT_CHART_OPTIONS.smoothing,
  );
  const logarithms = losses.map(Math.log);
  const kept = downsample(logarithms, MAX_POINTS);
  if (kept.length < 2 || snapshots.length < 2) return null;
  const values = kept.map((index) => logarithms[index] as number);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = kept.map((index, i) => {
    const place = placeOfStep(snapshots, steps[index]?.step ?? 0);
    const depth = high > low ? (high - (values[i] as number)) / (high - low) : 0.5;
    return [place / (snapshots.length - 1), depth] as const;
  });
  return { points, steps, losses };
}

/** The loss at a step: of the newest point up to it, else of the first. */
export function lossAt({ steps, losses }: LossStripCurve, step: number): number {
  const index = steps.findLastIndex((each) => each.step <= step);
  return losses[Math.max(0, index)] ?? Number.NaN;
}

/** Place of a step: 0 at the first snapshot, their number - 1 at the last, linear between two of them. */
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
