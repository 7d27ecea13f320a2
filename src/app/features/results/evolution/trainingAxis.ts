/**
 * The axis over training, on which snapshots lie evenly however far apart they were: where a step lies, what it is
 * called, and what is drawn along the slider, marks and the curve of the loss. Which snapshots have room is decided in
 * `Axes.tsx` and `planeLayout.ts`. Pure.
 */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";
import { counted, epochWord, formatCount } from "../../../../runtime/format.ts";
import type { EpochMetrics, Snapshot, StepMetrics } from "../../../../runtime/run/events.ts";
import { downsample, smooth } from "../../../shared/plot/smoothing.ts";
import { DEFAULT_CHART_OPTIONS } from "../../../state/slices/chartOptions.ts";

type Steps = readonly Pick<Snapshot, "step">[];

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

/** `at the start of training`, `after 1,200 steps, in epoch 3`, `after 1,200 steps, the end of epoch 2`. */
export function trainingWords(
  step: number,
  of: { config: Pick<RunConfig, "distilFrom">; stepsPerEpoch: number | null },
): string {
  if (step === 0) return "at the start of training";
  const { config, stepsPerEpoch } = of;
  const steps = `after ${counted(step, "step")}`;
  if (!stepsPerEpoch) return steps;
  const epoch = formatCount(Math.ceil(step / stepsPerEpoch));
  return `${steps}, ${step % stepsPerEpoch === 0 ? "the end of" : "in"} ${epochWord(config)} ${epoch}`;
}

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
  snapshots: Steps,
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

export interface LossCurve {
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
export function lossCurve(allSteps: readonly StepMetrics[], snapshots: Steps): LossCurve | null {
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
export function lossAt({ steps, losses }: LossCurve, step: number): number {
  const index = steps.findLastIndex((each) => each.step <= step);
  return losses[Math.max(0, index)] ?? Number.NaN;
}
