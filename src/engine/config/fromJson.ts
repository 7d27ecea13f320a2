import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "./hyperparameters.ts";
import { type NetworkSettings, withNetwork } from "./network.ts";
import { valueError } from "./validate.ts";

/** Without these nobody knows what a network predicts, or of which noise. */
export const NEEDED_TO_SAMPLE = [
  "objective",
  "betaSchedule",
  "timesteps",
] as const satisfies HyperparameterName[];

/**
 * Settings as they stand in a file's metadata. A newer or older version of this project may know
 * more or fewer of them, or other values: each one counts that is valid at its field. The others get
 * the table's default, or stay as they are on the page where the file does not tell what sampling needs.
 *
 * @param options.text JSON, or anything else, which says nothing
 * @param options.network what the weights' shapes say, which counts for more
 * @param options.settings the page's; may be out of order
 * @returns hasSettings: whether the text tells objective, schedule and timesteps; then the settings
 *   are valid wherever the network is
 */
export function configFromJson({
  text,
  network,
  settings,
}: {
  text: string;
  network: NetworkSettings;
  settings: RunConfig;
}): { config: RunConfig; hasSettings: boolean } {
  const stored = validValues(text);
  const hasSettings = NEEDED_TO_SAMPLE.every((name) => stored[name] !== undefined);
  const others = hasSettings ? defaultConfig() : settings;
  const config = withNetwork({ ...others, ...stored }, network);
  for (const name of ["samplingTimesteps", "previewTimesteps"] as const) {
    // Where neither is the file's, it is the page's form that has to tell.
    const isOfFile = stored[name] !== undefined || stored.timesteps !== undefined;
    if (isOfFile && config[name] > config.timesteps) config[name] = config.timesteps;
  }
  return { config, hasSettings };
}

/** The hyperparameters that the text names, each valid by itself. */
function validValues(text: string): Partial<RunConfig> {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return {};
  }
  const values = Object(stored) as Record<string, unknown>;
  const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  // Not `in`, which knows what every object has.
  const valid = names.filter(
    (name) => Object.hasOwn(values, name) && valueError(name, values[name]) === null,
  );
  return Object.fromEntries(valid.map((name) => [name, values[name]]));
}
