import {
  HYPERPARAMETERS,
  type HyperparameterName,
  IMAGE_SIZE,
  type RunConfig,
} from "./hyperparameters.ts";

export type ConfigErrors = Partial<Record<HyperparameterName, string>>;

/**
 * What is wrong with a configuration, by field: an empty object means that it can run.
 * Each message says what was expected, what came, and where it helps why.
 */
export function validateConfig(config: RunConfig): ConfigErrors {
  const errors: ConfigErrors = {};
  for (const name of Object.keys(HYPERPARAMETERS) as HyperparameterName[]) {
    const message = valueError(name, config[name]);
    if (message) errors[name] = message;
  }
  // Rules between fields, only where each field is right by itself.
  if (!errors.dim && config.dim % 2 !== 0) {
    errors.dim = `Must be even: the time embedding is half sines, half cosines; got ${config.dim}.`;
  }
  const smallestDivisor = errors.dimMults ? 1 : 2 ** (config.dimMults.length - 1);
  if (IMAGE_SIZE % smallestDivisor !== 0) {
    errors.dimMults = `At most 3 levels: ${IMAGE_SIZE} pixels must divide by 2^(levels - 1) = ${smallestDivisor}.`;
  }
  for (const name of ["samplingTimesteps", "previewTimesteps"] as const) {
    if (!errors[name] && !errors.timesteps && config[name] > config.timesteps) {
      errors[name] = `At most the ${config.timesteps} diffusion steps; got ${config[name]}.`;
    }
  }
  return errors;
}

/**
 * What is wrong with a value by itself, whatever its type; null when it is the field's.
 * Rules between fields are for `validateConfig`.
 */
export function valueError(name: HyperparameterName, value: unknown): string | null {
  const h = HYPERPARAMETERS[name];
  if (h.kind === "choice") {
    const values = h.options.map((option) => option.value as string);
    if (typeof value === "string" && values.includes(value)) return null;
    return `Expected one of ${values.join(", ")}; got ${valueText(value)}.`;
  }
  if (h.kind === "switch") {
    return typeof value === "boolean" ? null : `Expected true or false; got ${valueText(value)}.`;
  }
  if (h.kind === "integers") {
    if (!Array.isArray(value) || value.length === 0)
      return "Expected numbers with commas, as 1, 2, 5.";
    if (value.length > h.maxLength) return `At most ${h.maxLength} numbers; got ${value.length}.`;
    const bad = value.findIndex((v) => !inRange(v, h.min, h.max) || !Number.isInteger(v));
    return bad === -1
      ? null
      : `Expected whole numbers from ${h.min} to ${h.max}; got ${valueText(value[bad])}.`;
  }
  const whole = h.kind === "integer";
  if (inRange(value, h.min, h.max) && (!whole || Number.isInteger(value))) return null;
  return `Expected a ${whole ? "whole number" : "number"} from ${h.min} to ${h.max}; got ${valueText(value)}.`;
}

/** Out of a file anything may come, also an object whose `toString` is no function. */
function valueText(value: unknown): string {
  if (Number.isNaN(value)) return "what is not a number";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function inRange(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}
