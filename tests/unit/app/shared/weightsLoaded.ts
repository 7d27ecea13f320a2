/** A file of Quick's weights is loaded. */
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";

export const WEIGHTS_LOADED: WorkerEvent = {
  type: "weightsLoaded",
  weights: {
    fileName: "a.safetensors",
    config: presetConfig("quick"),
    hasSettings: true,
    hasAverage: false,
    dataset: null,
    trainedSteps: 12,
    numParameters: 100,
  },
};
