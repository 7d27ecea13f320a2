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
    case "weightsLoaded":
      return { loading: null, loaded: event.weights, isSampled: true };
    case "weightsNotLoaded":
      return { ...weights, loading: null };
    case "weightsForgotten":
      return NO_WEIGHTS;
    default:
      event satisfies never;
      return weights;
  }
}

/** Whether the next run begins with the loaded weights. */
export function settingsFitWeights({ weights, config }: AppState): boolean {
  return weights.loaded !== null && isSameNetwork(config, weights.loaded.config);
}

/** The settings with the network that the loaded weights are of. */
export function takeNetwork({ weights, config }: AppState): Pick<AppState, "config"> {
  return { config: weights.loaded ? withNetwork(config, weights.loaded.config) : config };
}
