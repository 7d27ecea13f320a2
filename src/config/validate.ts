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
    const message = rangeError(name, config[name]);
    if (message) errors[name] = message;
  }
  // Rules between fields, only where each field is right by itself.
  if (!errors.dim && config.dim % 2 !== 0) {
    errors.dim = `Must be even: the time embedding is half sines, half cosines; got ${config.dim}.`;
  }
  const levels = config.dimMults.length;
  if (!errors.dimMults && IMAGE_SIZE % 2 ** (levels - 1) !== 0) {
    errors.dimMults = `At most 3 levels: ${IMAGE_SIZE} pixels must divide by 2^(levels - 1) = ${2 ** (levels - 1)}.`;
  }
  for (const name of ["samplingTimesteps", "previewTimesteps"] as const) {
    if (!errors[name] && !errors.timesteps && config[name] > config.timesteps) {
      errors[name] = `At most the ${config.timesteps} diffusion steps; got ${config[name]}.`;
    }
  }
  return errors;
}

function rangeError(name: HyperparameterName, value: RunConfig[HyperparameterName]): string | null {
  const h = HYPERPARAMETERS[name];
  if (h.kind === "choice") {
    const values = h.options.map((option) => option.value as string);
    if (typeof value === "string" && values.includes(value)) return null;
    return `Expected one of ${values.join(", ")}; got ${value}.`;
  }
  if (h.kind === "switch") {
    return typeof value === "boolean" ? null : `Expected true or false; got ${value}.`;
  }
  if (h.kind === "integers") {
    if (!Array.isArray(value) || value.length === 0)
      return "Expected numbers with commas, as 1, 2, 5.";
    if (value.length > h.maxLength) return `At most ${h.maxLength} numbers; got ${value.length}.`;
    const bad = value.find((v) => !inRange(v, h.min, h.max) || !Number.isInteger(v));
    return bad === undefined
      ? null
      : `Expected whole numbers from ${h.min} to ${h.max}; got ${numberText(bad)}.`;
  }
  const whole = h.kind === "integer";
  if (inRange(value, h.min, h.max) && (!whole || Number.isInteger(value))) return null;
  return `Expected a ${whole ? "whole number" : "number"} from ${h.min} to ${h.max}; got ${numberText(value)}.`;
}

function numberText(value: unknown): string {
  return Number.isNaN(value) ? "what is not a number" : String(value);
}

function inRange(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}
