import {
  defaultConfig,
  HYPERPARAMETER_GROUPS,
  type HyperparameterName,
} from "../../../../engine/config/hyperparameters.ts";
import { DEFAULT_DATASET } from "../../../../engine/data/datasets.ts";
import { formatCount, formatLoss } from "../../../../runtime/format.ts";
import type { Run } from "../../../state/slices/run.ts";

/** They change the curve's length, its noise, or only the samples. */
const IRRELEVANT_TO_LOSS: readonly HyperparameterName[] = ["epochs", "seed", "emaDecay"];
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
export function lossWords(run: Run | null): string {
  const newest = run?.steps.at(-1);
  if (!newest) return "Loss curve of the assignment";
  return `Loss curve, ${formatLoss(newest.loss)} at step ${formatCount(newest.step)}`;
}
