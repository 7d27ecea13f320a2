/**
 * The table of hyperparameters, in one file for each group. The form, its help texts and limits, the
 * URL keys, the presets and the type `RunConfig` are derived from it: to add a hyperparameter, add an
 * entry to the file of its group.
 */

import { isOneLevel, isStraight, LOSS_WEIGHTS } from "../diffusion/objectives.ts";
import { SAMPLERS, samplerEntry, stepSamplers } from "../diffusion/samplers.ts";
import { ARCHITECTURES, isOfArchitecture } from "../nn/architectures.ts";
import { OPTIMIZERS } from "../optim/optimizers.ts";
import { DIFFUSION } from "./hyperparameters/diffusion.ts";
import type { Hyperparameter, ValueOf } from "./hyperparameters/kinds.ts";
import { MODEL } from "./hyperparameters/model.ts";
import { POINTS } from "./hyperparameters/points.ts";
import { SAMPLING, samplersHelp } from "./hyperparameters/sampling.ts";
import { SAVING } from "./hyperparameters/saving.ts";
import { TRAINING } from "./hyperparameters/training.ts";

/** Width and height, in pixels, of every image that a U-Net takes. */
export const IMAGE_SIZE = ARCHITECTURES.unet.shape[0];
export const NUM_PIXELS = IMAGE_SIZE ** 2;
/** Between the images of a grid, in their pixels. */
export const GRID_GAP = 2;

/** By group, as the form shows them; addresses name settings in this order. */
export const HYPERPARAMETER_GROUPS = {
  points: POINTS,
  model: MODEL,
  diffusion: DIFFUSION,
  training: TRAINING,
  sampling: SAMPLING,
  saving: SAVING,
};

/** The defaults are the assignment's values, so the preset Assignment is the table itself. */
export const HYPERPARAMETERS = {
  ...POINTS,
  ...MODEL,
  ...DIFFUSION,
  ...TRAINING,
  ...SAMPLING,
  ...SAVING,
} as const satisfies Record<string, Hyperparameter>;

export type HyperparameterName = keyof typeof HYPERPARAMETERS;
export type RunConfig = {
  -readonly [K in HyperparameterName]: ValueOf<(typeof HYPERPARAMETERS)[K]>;
};

/** What the straight path and one noise level have no use for. */
const OF_NOISE_SCHEDULE: readonly HyperparameterName[] = [
  "betaSchedule",
  "lossWeight",
  "minSnrGamma",
];

/** What one noise level has no use for, since there are no others, and one step leads from it to the image. */
const OF_LEVELS: readonly HyperparameterName[] = [
  ...OF_NOISE_SCHEDULE,
  "timesteps",
  "timestepSampling",
  "samplingTimesteps",
  "samplerKind",
  "stepSpacing",
  "interpolationNoise",
  "previewTimesteps",
];

/**
 * Whether a setting has an effect on a run. None have those of a network, optimizer, sampler or loss weight that is not chosen, of
 * a noise schedule on the straight path, of several noise levels where there is one, of labels without classes, of distillation outside one, of early stopping in one.
 */
export function isUsed(name: HyperparameterName, config: RunConfig): boolean {
  const { objective, classes, samplerKind, distilFrom } = config;
  if (!isOfArchitecture(name, config.architecture)) return false;
  if (OF_NOISE_SCHEDULE.includes(name) && isStraight(objective)) return false;
  if (OF_LEVELS.includes(name) && isOneLevel(objective)) return false;
  if (name === "ownPoints") return config.points === "own";
  if (name === "noiseSigma") return isOneLevel(objective);
  // The chosen sampler may be one of a later version, from a link.
  if (name === "ddimEta") {
    const isKnown = Object.hasOwn(SAMPLERS, samplerKind);
    return isKnown && samplerEntry(samplerKind, objective).settings.includes("eta");
  }
  if (name === "distilGuidance") return distilFrom > 0 && classes > 0;
  if (name === "reflowSteps") return config.reflowSteps > 0;
  if (name === "distilFrom" || name === "phaseSteps") return distilFrom > 0;
  if (name === "patience" || name === "minGain") return distilFrom === 0;
  if (name === "labelDropout" || name === "guidance") return classes > 0;
  return [
    { chosen: config.optimizer, entries: OPTIMIZERS },
    { chosen: config.lossWeight, entries: LOSS_WEIGHTS },
  ].every(({ chosen, entries }) => {
    const all = Object.entries<{ hyperparameters: readonly string[] }>(entries);
    const ids = all.flatMap(([id, { hyperparameters }]) =>
      hyperparameters.includes(name) ? id : [],
    );
    return ids.length === 0 || ids.includes(chosen);
  });
}

/** A setting as it is with others: an objective has names of its own for its samplers, a distillation phases. */
export function entryWith(
  name: HyperparameterName,
  { objective, distilFrom }: Pick<RunConfig, "objective" | "distilFrom">,
): Hyperparameter {
  const entry = HYPERPARAMETERS[name];
  if (name === "epochs" && distilFrom > 0) {
    return { ...HYPERPARAMETERS[name], label: "Phases", help: "Each halves the sampling steps." };
  }
  if (name !== "samplerKind") return entry;
  const options = stepSamplers(objective);
  return { ...HYPERPARAMETERS[name], help: samplersHelp(objective), options };
}

/** All defaults: the assignment's configuration. */
export function defaultConfig(): RunConfig {
  const entries = Object.entries(HYPERPARAMETERS).map(([name, h]) => [name, h.default]);
  return Object.fromEntries(entries) as RunConfig;
}
