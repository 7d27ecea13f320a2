import {
  defaultConfig,
  type HyperparameterName,
  type RunConfig,
} from "../config/hyperparameters.ts";
import { downsample, smooth } from "../store/lossCurve.ts";
import type { Run } from "../store/run.ts";
import { ASSIGNMENT_VALIDATION_LOSS } from "./assignmentLoss.ts";

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
const MAX_STEP_POINTS = 240;
const MAX_EPOCH_POINTS = 60;

const SETTINGS_OF_TRAINING = [
  "dim",
  "dimMults",
  "attnHeads",
  "attnDimHead",
  "timesteps",
  "batchSize",
  "learningRate",
] as const satisfies HyperparameterName[];

/** Whether a run trains what the assignment trained, so that its curve compares. */
export function isAssignment(config: RunConfig): boolean {
  const assignment = defaultConfig();
  return SETTINGS_OF_TRAINING.every((name) => String(config[name]) === String(assignment[name]));
}

/** The chart's points: the run's, or before its first step the assignment's. */
export function lossRows(run: Run | null): LossRows {
  if (!run || run.steps.length === 0) return assignmentRows();
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
  if (size && isAssignment(run.config)) {
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
