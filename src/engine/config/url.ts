import { HYPERPARAMETERS, type HyperparameterName, type RunConfig } from "./hyperparameters.ts";
import { DEFAULT_PRESET, PRESETS, type PresetName, presetConfig } from "./presets.ts";

/** Reads `?preset=tiny&batchSize=4`: a preset, and the values that differ from it by name. */
export function configFromQuery(query: URLSearchParams): { preset: PresetName; config: RunConfig } {
  const named = query.get("preset") ?? "";
  // `in` would also find `toString` and the like.
  const preset = Object.hasOwn(PRESETS, named) ? (named as PresetName) : DEFAULT_PRESET;
  const config = presetConfig(preset);
  for (const name of Object.keys(HYPERPARAMETERS) as HyperparameterName[]) {
    const text = query.get(name);
    if (text !== null) Object.assign(config, { [name]: parseValue(name, text) });
  }
  return { preset, config };
}

/** The inverse of `configFromQuery`: only what differs from the preset is named. */
export function configToQuery(preset: PresetName, config: RunConfig): URLSearchParams {
  const query = new URLSearchParams({ preset });
  const base = presetConfig(preset);
  for (const name of Object.keys(HYPERPARAMETERS) as HyperparameterName[]) {
    const text = String(config[name]);
    // An empty or invalid number is left out.
    if (text !== String(base[name]) && !text.includes("NaN")) query.set(name, text);
  }
  return query;
}

/**
 * Parses a value as typed: `1, 2, 5` for a list, `4e-4` for a number, `true` for a switch. A number out of
 * range stays as it is, an invalid one becomes NaN, and an invalid choice stays a string; `validateConfig` then reports it at its field.
 */
export function parseValue<K extends HyperparameterName>(name: K, text: string): RunConfig[K] {
  const toNumber = (part: string) => (part.trim() === "" ? Number.NaN : Number(part));
  // Also in parentheses or brackets, as Python and papers write it.
  const toNumbers = () =>
    text
      .replace(/^\s*[([]|[)\]]\s*$/g, "")
      .split(",")
      .map(toNumber);
  const { kind } = HYPERPARAMETERS[name];
  let value: unknown = text;
  if (kind === "integers") value = toNumbers();
  if (kind === "integer" || kind === "real") value = toNumber(text);
  if (kind === "switch" && ["true", "false"].includes(text)) value = text === "true";
  return value as RunConfig[K];
}
