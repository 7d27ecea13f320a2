import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isSameNetwork, withNetwork } from "../../../engine/config/network.ts";
import type { LoadedWeights } from "../../../runtime/run/events.ts";

export interface WeightsState {
  /** Name of the file that is being read. */
  loading: string | null;
  /** How much of it was read, 0 to 1; null before the worker's first report. */
  loadedFraction: number | null;
  /** How much of a run in it was decoded and stored, 0 to 1; null before the first report. */
  importedFraction: number | null;
  /** What the next run begins with, where the settings describe the same network. */
  loaded: LoadedWeights | null;
  /** Whether they are newer than the run, so that digits are drawn from them. */
  isSampled: boolean;
  /**
   * What the form is to hold once those of a stored run or of the address are loaded, if it is for the same
   * network; null for the settings that come with them.
   */
  nextConfig: RunConfig | null;
  /** Of the distillation that the person is asked about. */
  teacher: Teacher | null;
}

/** A network to distil. */
export interface Teacher {
  /** Of a stored run, whose weights are still to be loaded; null of loaded ones. */
  runId: string | null;
  weights: LoadedWeights;
}

export const NO_WEIGHTS: WeightsState = {
  loading: null,
  loadedFraction: null,
  importedFraction: null,
  loaded: null,
  isSampled: false,
  nextConfig: null,
  teacher: null,
};

/** After the worker's answer on a file, unless another file was chosen since. */
export function withoutReading(weights: WeightsState, fileName: string): WeightsState {
  if (weights.loading !== fileName) return weights;
  return {
    ...weights,
    loading: null,
    loadedFraction: null,
    importedFraction: null,
    nextConfig: null,
  };
}

interface Form {
  weights: WeightsState;
  config: RunConfig;
}

/** Whether the next run begins with the loaded weights. */
export function settingsFitWeights({ weights, config }: Form): boolean {
  return weights.loaded !== null && isSameNetwork(config, weights.loaded.config);
}

/** The settings with the network that the loaded weights are of. */
export function takeNetwork({ weights, config }: Form): Pick<Form, "config"> {
  return { config: weights.loaded ? withNetwork(config, weights.loaded.config) : config };
}
