import { isSameNetwork, withNetwork } from "../config/network.ts";
import type { LoadedWeights, WorkerEvent } from "../worker/protocol.ts";
import type { AppState } from "./state.ts";

export interface WeightsState {
  /** Name of the file that is being read. */
  loading: string | null;
  /** What the next run begins with, where the settings describe the same network. */
  loaded: LoadedWeights | null;
  /** Whether they are newer than the run, so that digits are drawn from them. */
  isSampled: boolean;
}

export const NO_WEIGHTS: WeightsState = { loading: null, loaded: null, isSampled: false };

export type WeightsEvent = Extract<
  WorkerEvent,
  { type: "weightsLoaded" | "weightsNotLoaded" | "weightsForgotten" }
>;

export function applyWeightsEvent(weights: WeightsState, event: WeightsEvent): WeightsState {
  switch (event.type) {
    case "weightsLoaded": {
      const loaded = event.weights;
      return { loading: loadingAfter(weights, loaded.fileName), loaded, isSampled: true };
    }
    case "weightsNotLoaded":
      return { ...weights, loading: loadingAfter(weights, event.fileName) };
    case "weightsForgotten":
      return { ...NO_WEIGHTS, loading: weights.loading };
    default:
      event satisfies never;
      return weights;
  }
}

/** What is still being read after the worker's word on a file: another one may have been chosen since. */
export function loadingAfter({ loading }: WeightsState, fileName: string): string | null {
  return loading === fileName ? null : loading;
}

/** Whether the next run begins with the loaded weights. */
export function settingsFitWeights({ weights, config }: AppState): boolean {
  return weights.loaded !== null && isSameNetwork(config, weights.loaded.config);
}

/** The settings with the network that the loaded weights are of. */
export function takeNetwork({ weights, config }: AppState): Pick<AppState, "config"> {
  return { config: weights.loaded ? withNetwork(config, weights.loaded.config) : config };
}
