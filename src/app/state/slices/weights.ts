import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { lackingClasses, withNetwork } from "../../../engine/config/network.ts";
import {
  nextRunConfig,
  type PresetName,
  presetConfig,
  settingsThatDiffer,
} from "../../../engine/config/presets.ts";
import { hasTeacher } from "../../../engine/config/studentSteps.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import type { LoadedWeights } from "../../../runtime/run/events.ts";
import type { PartOf } from "../client/answers.ts";
import { isTrainedModel } from "../trainedModels.ts";

export interface WeightsState {
  /** Name of the file that is being read. */
  loading: string | null;
  /** How much of it was read, 0 to 1; null before the worker's first report. */
  loadedFraction: number | null;
  /** How much of a run in it was decoded and stored, 0 to 1; null before the first report. */
  importedFraction: number | null;
  /**
   * What digits are drawn from, until a run is opened or begins; it begins with them where the settings describe the
   * same network.
   */
  loaded: LoadedWeights | null;
  /**
   * The form before it got their settings, which comes back when they are forgotten, or when the run that took
   * their place ends; null where it got none, or the person chose others in their place.
   */
  formBefore: Form | null;
  /** Teacher of the distillation that the person is asked about. */
  teacher: Teacher | null;
}

/** A network to distil. */
export interface Teacher {
  /** Id of a stored run whose weights are still to be loaded; null where they are loaded. */
  runId: string | null;
  weights: LoadedWeights;
}

export const NO_WEIGHTS: WeightsState = {
  loading: null,
  loadedFraction: null,
  importedFraction: null,
  loaded: null,
  formBefore: null,
  teacher: null,
};

/** A file is being read. */
export function withReading(weights: WeightsState, name: string): WeightsState {
  return { ...weights, loading: name, loadedFraction: null, importedFraction: null };
}

export function withProgress(weights: WeightsState, part: PartOf<"weights">): WeightsState {
  if (part.type === "importProgress") return { ...weights, importedFraction: part.fraction };
  return { ...weights, loadedFraction: part.loadedBytes / part.totalBytes };
}

/** No file is read any more. */
export function withoutReading(weights: WeightsState): WeightsState {
  return {
    ...weights,
    loading: null,
    loadedFraction: null,
    importedFraction: null,
  };
}

/** With a run in their place. */
export function withoutLoaded(weights: WeightsState): WeightsState {
  return { ...weights, loaded: null, formBefore: null };
}

interface Form {
  preset: PresetName;
  config: RunConfig;
}

/** Settings as the page holds them: those of a run of points have a form of their own, in 2D. */
export function formOf({ preset, config }: Form): Form | { pointConfig: RunConfig } {
  if (!takesPoints(config)) return { preset, config };
  // A flow is straightened by a button of its own.
  const { epochs, reflowSteps } = presetConfig("points");
  return { pointConfig: config.reflowSteps > 0 ? { ...config, epochs, reflowSteps } : config };
}

/** Puts settings into the form; what it had before weights were loaded is not kept. */
export function inForm(form: Form) {
  return ({ weights }: { weights: WeightsState }) => ({
    ...formOf(form),
    weights: { ...weights, formBefore: null },
  });
}

/** The form as it was before the loaded weights, but for what the person has changed since. */
export function formWithout({ weights, preset, config }: Form & { weights: WeightsState }): Form {
  const { loaded, formBefore } = weights;
  if (!loaded) return { preset, config };
  const changed = settingsThatDiffer(config, nextRunConfig(loaded));
  // They came with the address; a run's, as a teacher's, are the person's own.
  const isTheirs = changed.length === 0 && isTrainedModel(loaded.fileName);
  const before = formBefore ?? { preset, config: isTheirs ? presetConfig(preset) : config };
  const own = Object.fromEntries(changed.map((name) => [name, config[name]]));
  return { ...before, config: { ...before.config, ...own } };
}

interface WithWeights {
  weights: WeightsState;
  config: RunConfig;
}

/** Whether the next run begins with the loaded weights. */
export function settingsFitWeights({ weights, config }: WithWeights): boolean {
  return weights.loaded !== null && lackingClasses(config, weights.loaded.config) !== null;
}

/** Whether the settings learn from a network, and the loaded weights, if any, are of another. */
export function lacksTeacher(state: WithWeights): boolean {
  return hasTeacher(state.config) && !settingsFitWeights(state);
}

/** The settings with the network that the loaded weights are of. */
export function takeNetwork({ weights, config }: WithWeights): Pick<Form, "config"> {
  return { config: weights.loaded ? withNetwork(config, weights.loaded.config) : config };
}
