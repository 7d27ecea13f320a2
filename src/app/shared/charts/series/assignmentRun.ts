import {
  defaultConfig,
  HYPERPARAMETER_GROUPS,
  type HyperparameterName,
} from "../../../../engine/config/hyperparameters.ts";
import { DEFAULT_DATASET } from "../../../../engine/data/datasets.ts";
import { formatCount, formatLoss } from "../../../../runtime/format.ts";
import type { Run } from "../../../state/slices/run.ts";

/**
 * Validation loss of the assignment's own training in PyTorch after each of its 100 epochs.
 * Source: Figure 1 of the summary of Assignment 6.2, Diffusion MNIST, read off the picture with an
 * error of about 0.0005.
 */
export const ASSIGNMENT_VALIDATION_LOSS: readonly number[] = [
  0.055, 0.0474, 0.043, 0.0406, 0.04, 0.0395, 0.039, 0.0382, 0.0377, 0.0381, 0.0377, 0.0384, 0.0381,
  0.0374, 0.0371, 0.0371, 0.0376, 0.0369, 0.0362, 0.0368, 0.0365, 0.037, 0.0372, 0.0362, 0.0355,
  0.0363, 0.0354, 0.0359, 0.0361, 0.0361, 0.0365, 0.0361, 0.0356, 0.0359, 0.0356, 0.0354, 0.0357,
  0.0359, 0.0357, 0.0356, 0.0356, 0.0356, 0.0355, 0.0357, 0.0358, 0.0347, 0.0347, 0.0354, 0.0353,
  0.0348, 0.0356, 0.0356, 0.0354, 0.0351, 0.0354, 0.0351, 0.0344, 0.035, 0.0347, 0.0347, 0.0347,
  0.0345, 0.0351, 0.0355, 0.0348, 0.035, 0.0348, 0.0351, 0.0351, 0.035, 0.0353, 0.0348, 0.0348,
  0.0354, 0.0353, 0.035, 0.035, 0.0347, 0.0351, 0.035, 0.0613, 0.0614, 0.0614, 0.0613, 0.035,
  0.0342, 0.0351, 0.0345, 0.0351, 0.0345, 0.0348, 0.0344, 0.035, 0.0345, 0.0342, 0.035, 0.0347,
  0.0345, 0.0347, 0.035,
];

export const REFERENCE = {
  key: "reference",
  name: "assignment, PyTorch",
  color: "var(--reference)",
  style: "dashed",
} as const;

/** They change the curve's length, its noise, only the samples, or what is measured beside. */
const IRRELEVANT_TO_LOSS: readonly HyperparameterName[] = [
  "epochs",
  "seed",
  "emaDecay",
  "validateEvery",
];
const { model, diffusion, training } = HYPERPARAMETER_GROUPS;
const SETTINGS_OF_LOSS = (
  Object.keys({ ...model, ...diffusion, ...training }) as HyperparameterName[]
).filter((name) => !IRRELEVANT_TO_LOSS.includes(name));
const ASSIGNMENT = defaultConfig();

/** Whether a run trains what the assignment trained, on the same images, so that its curve compares. */
export function isAssignment({ config, dataset }: Pick<Run, "config" | "dataset">): boolean {
  return (
    dataset.id === DEFAULT_DATASET &&
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
export function formatAssignmentLoss(run: Run | null): string {
  const newest = run?.steps.at(-1);
  if (!newest) return "Loss curve of the assignment";
  return `Loss curve, ${formatLoss(newest.loss)} at step ${formatCount(newest.step)}`;
}
