import { readFileSync } from "node:fs";
import {
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../../engine/config/hyperparameters.ts";
import { isSameNetwork, NETWORK_SETTINGS } from "../../../engine/config/network.ts";
import {
  DEFAULT_PRESET,
  nearestPreset,
  nextRunConfig,
  PRESETS,
  type PresetName,
  presetConfig,
} from "../../../engine/config/presets.ts";
import { teacherReason } from "../../../engine/config/studentSteps.ts";
import { parseValue } from "../../../engine/config/url.ts";
import {
  type ConfigErrors,
  validateConfig,
  validateNewRun,
} from "../../../engine/config/validate.ts";
import {
  type NamedDataset,
  type NamedTrainingData,
  numClasses,
} from "../../../engine/data/dataset.ts";
import { decodeSafetensors } from "../../../engine/formats/safetensors/safetensors.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import { isOfArchitecture } from "../../../engine/nn/architectures.ts";
import type { SessionStart } from "../../../engine/train/session.ts";
import type { ImportedWeights } from "../../../runtime/files/importedWeights.ts";
import { decodeRunFile, isRunFile } from "../../../runtime/files/runFile.ts";
import { checkDataset } from "../../../runtime/files/trainedImages.ts";
import { type RunIdentity, startOfRun } from "../../../runtime/run/runRecorder.ts";
import { networkIn } from "../../../runtime/run/storedRun.ts";
import { trainingDataOf } from "../../../runtime/run/trainingData.ts";
import { newRunId } from "../../../runtime/runName.ts";
import type { WholeRun } from "../../../runtime/storage/records.ts";
import { CommandError, existingFile, idOption, ofFile } from "../options.ts";

/** Settings that a resumed run may change; with others its checkpoint would no longer fit. */
const CHANGEABLE = [
  "epochs",
  "learningRate",
  "lrDecay",
  "weightDecay",
  "maxGradNorm",
  "patience",
  "minGain",
  "evaluateEvery",
  "previewEvery",
  "validateEvery",
  "checkpointMinutes",
] as const satisfies HyperparameterName[];

export interface RunStart {
  identity: RunIdentity;
  start: SessionStart;
  /** The images, or the points of a run of points. */
  dataset: NamedTrainingData;
  /** What the file holds; null for a new run. */
  contents: WholeRun | null;
  /** What is missing in the file. */
  warning: string | null;
}

export interface NewRunOptions {
  /** Undefined for the default; unused with weights, whose file has settings. */
  preset: string | undefined;
  /** `name=value` each, over those settings. */
  changes: readonly string[];
  /** Null for those of the seed. */
  weights: ImportedWeights | null;
  images: NamedDataset;
}

/** @throws CommandError for settings that cannot run, or not with the weights */
export function newRun({ preset, changes, weights, images }: NewRunOptions): RunStart {
  const base = weights ? nextRunConfig(weights) : presetConfig(presetNamed(preset));
  const known = { numClasses: numClasses(images) };
  const config = withChanges(base, changes, (changed) => validateNewRun(changed, known));
  if (weights && !isSameNetwork(config, weights.network)) {
    const { architecture } = weights.network;
    const names = NETWORK_SETTINGS.filter((of) => isOfArchitecture(of, architecture));
    throw new CommandError(
      `Expected the network of ${weights.fileName} as it is: leave ${names.join(", ")} out.`,
    );
  }
  const reason = weights && teacherReason(config, weights);
  if (reason) throw new CommandError(reason);
  const name = weights ? nearestPreset(config) : presetNamed(preset);
  const named = { runId: newRunId(), name: PRESETS[name].label, preset: name };
  const dataset = trainingDataOf(config, images);
  const start = startOfRun({ ...named, config }, dataset, weights);
  return { ...start, dataset, contents: null, warning: null };
}

/** @throws CommandError */
function presetNamed(preset: string = DEFAULT_PRESET): PresetName {
  return idOption("preset", preset, Object.keys(PRESETS) as PresetName[]);
}

/** @throws CommandError */
function readRun(path: string): WholeRun & { gaps: string | null } {
  try {
    const contents = decodeSafetensors(readFileSync(path));
    if (isRunFile(contents.metadata)) return decodeRunFile(contents, newRunId(), () => {});
  } catch (error) {
    throw ofFile(path, error);
  }
  throw new CommandError(
    `${path} is a file of weights, not a run. To start a new run from it, use --weights instead of --resume.`,
  );
}

/**
 * @param typedPath of a file that `npm run train` wrote, or that the page exported
 * @param changes `name=value` each, of those settings that a run can go on with
 * @throws CommandError
 */
export function resumedRun(
  typedPath: string,
  changes: readonly string[],
  images: NamedDataset,
): RunStart {
  const path = existingFile("resume", typedPath);
  const run = readRun(path);
  const { record, history, gaps } = run;
  const { checkpoint, best } = networkIn(run);
  const dataset = trainingDataOf(record.config, images);
  try {
    checkDataset(record, dataset);
  } catch (error) {
    throw new CommandError(messageOf(error));
  }
  const fixed = changes.filter(
    (change) => !CHANGEABLE.some((name) => change.startsWith(`${name}=`)),
  );
  if (fixed.length > 0) {
    throw new CommandError(
      `Expected --resume with other ${CHANGEABLE.join(", ")} at most, got ${fixed.join(", ")}. Begin a new run for it.`,
    );
  }
  const config = withChanges(record.config, changes, (changed) => {
    // This is the rule of a new run about its length.
    const { epochs } = validateNewRun(changed);
    return { ...validateConfig(changed), ...(epochs && { epochs }) };
  });
  return {
    identity: { ...record, config },
    dataset,
    start: { from: "checkpoint", checkpoint, best, epochs: history.epochs },
    contents: run,
    warning: gapsWarning(path, gaps),
  };
}

/** For the person, in a line; null where a run's history is whole. */
export function gapsWarning(path: string, gaps: string | null): string | null {
  return gaps && `${path}: ${gaps} The network is complete.`;
}

/** @throws CommandError */
function withChanges(
  config: RunConfig,
  changes: readonly string[],
  validate: (config: RunConfig) => ConfigErrors,
): RunConfig {
  let changed = config;
  for (const change of changes) {
    const [name = "", ...value] = change.split("=");
    if (!Object.hasOwn(HYPERPARAMETERS, name) || value.length === 0) {
      throw new CommandError(
        `Expected --config name=value with one of ${Object.keys(HYPERPARAMETERS).join(", ")}, got ${change}.`,
      );
    }
    changed = { ...changed, [name]: parseValue(name as HyperparameterName, value.join("=")) };
  }
  const errors = Object.entries(validate(changed));
  if (errors.length === 0) return changed;
  throw new CommandError(errors.map(([name, message]) => `${name}: ${message}.`).join("\n"));
}
