/** A file of Quick's weights is loaded. */
import { presetConfig } from "../../../../src/engine/config/presets.ts";
export const WEIGHTS_LOADED = {
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
} as const;
