import { type ParseArgsConfig, parseArgs } from "node:util";
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

/** @throws CommandError unless the text is a whole number from `min` on */
export function countOption(name: string, text: string, min = 1): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= min && /^\d+$/.test(text)) return count;
  throw new CommandError(`Expected a whole number of at least ${min} for --${name}, got ${text}.`);
}
