/** The loss curve of the strip above the training slider. Pure. */
import { downsample, smooth } from "../../store/lossCurve.ts";
import type { StepMetrics } from "../../worker/protocol.ts";

export interface LossStripCurve {
  /** `[x, y]`, both from 0 to 1: step 0 is left, the highest loss at the top; its logarithm. */
  points: readonly (readonly [number, number])[];
  /** At the right edge. */
  lastStep: number;
  steps: readonly StepMetrics[];
  /** Smoothed, of each step. */
  losses: readonly number[];
}

/** Averages over some 20 steps, as in the chart of training. */
const SMOOTHING = 0.95;
const MAX_POINTS = 400;

/** Null before there are two losses that are numbers. */
export function lossStripCurve(steps: readonly StepMetrics[]): LossStripCurve | null {
  const losses = smooth(
    steps.map(({ loss }) => loss),
    SMOOTHING,
  );
  const logarithms = losses.map(Math.log);
  const kept = downsample(logarithms, MAX_POINTS);
  const lastStep = steps.at(-1)?.step ?? 0;
  if (kept.length < 2) return null;
  const values = kept.map((index) => logarithms[index] as number);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = kept.map((index, i) => {
    const height = high > low ? (high - (values[i] as number)) / (high - low) : 0.5;
    return [(steps[index]?.step ?? 0) / lastStep, height] as const;
  });
  return { points, lastStep, steps, losses };
}

/** The loss at a step: of the newest point up to it, else of the first. */
export function lossAt({ steps, losses }: LossStripCurve, step: number): number {
  const index = steps.findLastIndex((each) => each.step <= step);
  return losses[Math.max(0, index)] ?? Number.NaN;
}
