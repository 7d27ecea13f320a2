import { parsedObject } from "../formats/parsedJson.ts";
import type { NetworkConfig } from "../nn/networkBlocks.ts";
import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "./hyperparameters.ts";
import { withNetwork } from "./network.ts";
import { valueError } from "./validate.ts";

/** Without these settings it is unknown what a network predicts, and at which noise levels. */
export const NEEDED_TO_SAMPLE = [
  "objective",
  "betaSchedule",
  "timesteps",
] as const satisfies HyperparameterName[];

/**
 * Reads settings from a file's metadata. Another version of this project may have other settings or values,
 * so every valid one is used on its own. The rest get the table's defaults if the text has all that sampling
 * needs (`hasSettings`; then they are valid if the network is), else the page's values.
 */
export function configFromJson(options: {
  /** JSON; anything else counts as no settings. */
  text: string;
  /** As inferred from the shapes of the weights; takes precedence over the text. */
  network: NetworkConfig;
  /** The page's, which need not be valid. */
  settings: RunConfig;
}): { config: RunConfig; hasSettings: boolean } {
  const { text, network, settings } = options;
  const stored = validValues(text);
  const hasSettings = NEEDED_TO_SAMPLE.every((name) => stored[name] !== undefined);
  const others = hasSettings ? defaultConfig() : settings;
  const config = withNetwork({ ...others, ...stored }, network);
  for (const name of ["samplingTimesteps", "previewTimesteps"] as const) {
    // If neither comes from the file, the form shows the error at the field.
    const isOfFile = stored[name] !== undefined || stored.timesteps !== undefined;
    if (isOfFile && config[name] > config.timesteps) config[name] = config.timesteps;
  }
  return { config, hasSettings };
}

/** The hyperparameters in the text that are valid by themselves. */
function validValues(text: string): Partial<RunConfig> {
  const values = parsedObject(text);
  const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  // `in` would also find what every object inherits.
  const valid = names.filter(
    (name) => Object.hasOwn(values, name) && valueError(name, values[name]) === null,
  );
  return Object.fromEntries(valid.map((name) => [name, values[name]]));
}
