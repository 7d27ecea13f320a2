import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "./hyperparameters.ts";
import { type NetworkSettings, withNetwork } from "./network.ts";
import { validateConfig } from "./validate.ts";

/**
 * Settings as they stand in a file's metadata. A newer or older version of this project may know
 * more or fewer of them: unknown ones are left out, missing ones get the table's default.
 *
 * @param network what the weights' shapes say, which counts for more
 * @returns null when the text is not JSON of settings or describes a run that cannot be
 */
export function configFromJson(text: string, network: NetworkSettings): RunConfig | null {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof stored !== "object" || stored === null) return null;
  const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  const known = names.filter((name) => Object.hasOwn(stored, name));
  // Some other program's configuration, under the same key.
  if (known.length === 0) return null;
  const values = known.map((name) => [name, (stored as Record<string, unknown>)[name]] as const);
  // Of the right types once the check below has passed.
  const config = withNetwork({ ...defaultConfig(), ...Object.fromEntries(values) }, network);
  return Object.keys(validateConfig(config)).length === 0 ? config : null;
}
