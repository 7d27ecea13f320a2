import { type ParseArgsConfig, parseArgs } from "node:util";
import { HYPERPARAMETERS } from "../config/hyperparameters.ts";
import { messageOf } from "../messageOf.ts";
import { CommandError } from "./commandError.ts";

export const BACKENDS = ["wasm", "webgpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Options that every command has. */
export const COMMON_OPTIONS = {
  /** WebAssembly runs everywhere; WebGPU needs the optional package `webgpu` and a driver. */
  backend: { type: "string", default: "wasm" },
} as const;

/**
 * The options of a command as they were typed.
 *
 * @throws CommandError for one that there is not
 */
export function typedOptions<O extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  options: O,
) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`);
    throw new CommandError(`${messageOf(error)} The options are ${names.join(", ")}.`);
  }
}

/** @throws CommandError */
export function backendOption(text: string): BackendName {
  const backend = BACKENDS.find((name) => name === text);
  if (backend) return backend;
  throw new CommandError(`Expected --backend wasm or --backend webgpu, got ${text}.`);
}

/** @throws CommandError unless the text is a whole number from `min` to `max` */
export function countOption(
  name: string,
  text: string,
  min = 1,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const count = Number(text);
  if (count >= min && count <= max && /^\d+$/.test(text)) return count;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `${min} to ${max}`;
  throw new CommandError(`Expected a whole number ${range} for --${name}, got ${text}.`);
}

/** @throws CommandError unless the text is a seed of the noise */
export function seedOption(text: string): number {
  return countOption("seed", text, 0, HYPERPARAMETERS.seed.max);
}
