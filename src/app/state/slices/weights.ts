import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isSameNetwork, withNetwork } from "../../../engine/config/network.ts";
import type { LoadedWeights, WorkerEvent } from "../../../runtime/run/events.ts";

/** Of the network that the app brings with it; `public/models` has its card. */
export const PRETRAINED_FILE = "pretrained-quick.safetensors";

export interface WeightsState {
  /** Name of the file that is being read. */
  loading: string | null;
  /** How much of it, 0 to 1; null before the worker's first word on it. */
  loadedFraction: number | null;
  /** How much of a run that was read from it is decoded and stored, 0 to 1; null before a word on it. */
  importedFraction: number | null;
  /** What the next run begins with, where the settings describe the same network. */
  loaded: LoadedWeights | null;
  /** Whether they are newer than the run, so that digits are drawn from them. */
  isSampled: boolean;
}

export const NO_WEIGHTS: WeightsState = {
  loading: null,
  loadedFraction: null,
  importedFraction: null,
  loaded: null,
  isSampled: false,
};

export type WeightsEvent = Extract<
  WorkerEvent,
  {
    type:
      | "fileProgress"
      | "importProgress"
      | "weightsLoaded"
      | "weightsNotLoaded"
      | "weightsForgotten";
  }
>;

export function applyWeightsEvent(weights: WeightsState, event: WeightsEvent): WeightsState {
  switch (event.type) {
    case "fileProgress":
      if (event.fileName !== weights.loading) return weights;
      return { ...weights, loadedFraction: event.loadedBytes / event.totalBytes };
    case "importProgress":
      if (event.fileName !== weights.loading) return weights;
      return { ...weights, importedFraction: event.fraction };
    case "weightsLoaded": {
      const loaded = event.weights;
      return { ...weights, ...readingAfter(weights, loaded.fileName), loaded, isSampled: true };
    }
    case "weightsNotLoaded":
      return { ...weights, ...readingAfter(weights, event.fileName) };
    case "weightsForgotten":
      return { ...weights, loaded: null, isSampled: false };
    default:
      event satisfies never;
      return weights;
  }
}

/** What is still being read after the worker's word on a file: another one may have been chosen since. */
export function readingAfter(
  { loading, loadedFraction, importedFraction }: WeightsState,
  fileName: string,
): Pick<WeightsState, "loading" | "loadedFraction" | "importedFraction"> {
  return loading === fileName
    ? { loading: null, loadedFraction: null, importedFraction: null }
    : { loading, loadedFraction, importedFraction };
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
