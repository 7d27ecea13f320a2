import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
} from "../config/hyperparameters.ts";
import { MNIST_NAME } from "../store/dataset.ts";
import { downsample, smooth } from "../store/lossCurve.ts";
import type { Run } from "../store/run.ts";
import { ASSIGNMENT_VALIDATION_LOSS } from "./assignmentLoss.ts";
import { formatCount, formatLoss } from "./format.ts";

/** One x of the chart; a curve passes over the rows in which it has no value. */
export interface LossRow {
  /** Training steps, or epochs in the empty chart. */
  x: number;
  loss?: number;
  smoothed?: number;
  train?: number;
  validation?: number;
  reference?: number;
}

export interface LossRows {
  rows: LossRow[];
  xName: "step" | "epoch";
}

/** Averages over some 20 steps: longer ones lag far behind the steep start. */
const SMOOTHING = 0.95;
/** As many as a wide chart has pixels to tell apart; the chart slows down above it. */
const MAX_STEP_POINTS = 160;
const MAX_EPOCH_POINTS = 60;

/** They change the curve's length, its noise, or only the samples. */
const IRRELEVANT_TO_LOSS: readonly HyperparameterName[] = ["epochs", "seed", "emaDecay"];
const SETTINGS_OF_LOSS = (Object.keys(HYPERPARAMETERS) as HyperparameterName[]).filter(
  (name) =>
    !["sampling", "saving"].includes(HYPERPARAMETERS[name].group) &&
    !IRRELEVANT_TO_LOSS.includes(name),
);
const ASSIGNMENT = defaultConfig();

/** Whether a run trains what the assignment trained, on the same images, so that its curve compares. */
export function isAssignment({
  config,
  datasetName,
}: Pick<Run, "config" | "datasetName">): boolean {
  return (
    datasetName === MNIST_NAME &&
    SETTINGS_OF_LOSS.every((name) => String(config[name]) === String(ASSIGNMENT[name]))
  );
}

/** Which curves there are to explain. */
export function hasSteps(run: Run | null): run is Run {
  return run !== null && run.steps.length > 0;
}

/** Whether the assignment's curve is in the chart. */
export function hasReference(run: Run | null): boolean {
  return !hasSteps(run) || (run.size !== null && isAssignment(run));
}

/** The chart in words, for those who do not see it. */
export function lossWords(run: Run | null): string {
  const newest = run?.steps.at(-1);
  if (!newest) return "Loss curve of the assignment";
  return `Loss curve, ${formatLoss(newest.loss)} at step ${formatCount(newest.step)}`;
}

/** The chart's points: the run's, or before its first step the assignment's. */
export function lossRows(run: Run | null): LossRows {
  if (!hasSteps(run)) return assignmentRows();
  const byX = new Map<number, LossRow>();
  const add = (row: LossRow) => byX.set(row.x, { ...byX.get(row.x), ...row });

  const { steps, epochs, size } = run;
  const losses = steps.map((step) => step.loss);
  const smoothed = smooth(losses, SMOOTHING);
  for (const { value, index } of kept(steps, losses, MAX_STEP_POINTS)) {
    add({ x: value.step, loss: value.loss, smoothed: smoothed[index] ?? value.loss });
  }
  const epochLosses = epochs.map((epoch) => epoch.trainLoss);
  for (const { value } of kept(epochs, epochLosses, MAX_EPOCH_POINTS)) {
    add({ x: value.step, train: value.trainLoss });
    // Without images to validate on there is no such loss.
    if (Number.isFinite(value.validationLoss)) {
      add({ x: value.step, validation: value.validationLoss });
    }
  }
  if (size && isAssignment(run)) {
    const numEpochs = epochs.length + 1;
    for (const [epoch, loss] of ASSIGNMENT_VALIDATION_LOSS.slice(0, numEpochs).entries()) {
      add({ x: (epoch + 1) * size.stepsPerEpoch, reference: loss });
    }
  }
  return { rows: [...byX.values()].sort((a, b) => a.x - b.x), xName: "step" };
}

/** The values of a row that are there. */
export function lossesOf({ loss, smoothed, train, validation, reference }: LossRow): number[] {
  return [loss, smoothed, train, validation, reference].filter((value) => value !== undefined);
}

function kept<T>(values: readonly T[], losses: readonly number[], maxPoints: number) {
  return downsample(losses, maxPoints).flatMap((index) => {
    const value = values[index];
    return value === undefined ? [] : [{ value, index }];
  });
}

function assignmentRows(): LossRows {
  const rows = ASSIGNMENT_VALIDATION_LOSS.map((loss, index) => ({ x: index + 1, reference: loss }));
  return { rows, xName: "epoch" };
}
