/**
 * The one table of hyperparameters, in three files. The form, its help texts and limits, the URL keys,
 * the presets and the type `RunConfig` are all derived from it: to add a hyperparameter, add an entry
 * to the file of its group.
 */

import { OPTIMIZERS } from "../optim/optimizers.ts";
import type { Hyperparameter, ValueOf } from "./hyperparameterKinds.ts";
import { MODEL_HYPERPARAMETERS } from "./modelHyperparameters.ts";
import { SAMPLING_HYPERPARAMETERS } from "./samplingHyperparameters.ts";
import { TRAINING_HYPERPARAMETERS } from "./trainingHyperparameters.ts";

/** Pixels of an image's side, of all images that there are: what the network takes. */
export const IMAGE_SIZE = 28;
export const NUM_PIXELS = IMAGE_SIZE ** 2;

/** Defaults are the assignment's values, so that the preset Assignment is the table itself. */
export const HYPERPARAMETERS = {
  ...MODEL_HYPERPARAMETERS,
  ...TRAINING_HYPERPARAMETERS,
  ...SAMPLING_HYPERPARAMETERS,
} as const satisfies Record<string, Hyperparameter>;

export type HyperparameterName = keyof typeof HYPERPARAMETERS;
export type RunConfig = {
  -readonly [K in HyperparameterName]: ValueOf<(typeof HYPERPARAMETERS)[K]>;
};

/** Whether a run goes by a setting: not so where only other optimizers have it. */
export function isUsed(name: HyperparameterName, { optimizer }: RunConfig): boolean {
  const entries: Record<string, { hyperparameters: readonly HyperparameterName[] }> = OPTIMIZERS;
  const ids = Object.keys(entries).filter((id) => entries[id]?.hyperparameters.includes(name));
  return ids.length === 0 || ids.includes(optimizer);
}

/** Every hyperparameter at the table's default: the assignment's configuration. */
export function defaultConfig(): RunConfig {
  const entries = Object.entries(HYPERPARAMETERS).map(([name, h]) => [name, h.default]);
  return Object.fromEntries(entries) as RunConfig;
}
