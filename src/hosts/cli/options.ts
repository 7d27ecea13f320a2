import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Condition, labelsOfText, mixedCondition } from "../../engine/config/condition.ts";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { type Naming, UNNAMED } from "../../engine/data/datasets.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import { messageOf } from "../../engine/messageOf.ts";
import {
  readSampling,
  SAMPLING,
  type SamplingEntry,
  type SamplingName,
  type SamplingText,
  type SamplingValues,
  STEP_SAMPLING,
} from "../../runtime/sampling/sampling.ts";

/** An error that the user can correct; the message says how. */
export class CommandError extends Error {
  override name = "CommandError";
}

export type BackendName = "wasm" | "webgpu";

/** An option of a command, `--name VALUE`, or `--name` alone. */
interface Option {
  type: "string" | "boolean";
  multiple?: boolean;
  default?: string;
  help: string;
}

export type Options = Record<string, Option>;

/** Options that every command has. */
export const COMMON_OPTIONS = {
  backend: {
    type: "string",
    default: "wasm",
    help: "wasm runs everywhere; webgpu needs a graphics driver and npm install --no-save webgpu",
  },
} as const satisfies Options;

/** The settings of `SAMPLING` for which the commands have options of their own, with other words and defaults. */
const OWN_OPTIONS = ["weights", "count", "seed"] as const satisfies SamplingName[];
type SampledBy = Exclude<SamplingName, (typeof OWN_OPTIONS)[number]>;

/** The settings of `SAMPLING` that are options under the same names. */
const SAMPLED_BY = (Object.keys(SAMPLING) as SamplingName[]).filter(
  (name): name is SampledBy => !OWN_OPTIONS.some((own) => own === name),
);

function samplingOption(name: SampledBy) {
  return {
    type: "string",
    get help() {
      const entry: SamplingEntry = SAMPLING[name];
      const ids = entry.kind === "choice" ? `: ${Object.keys(entry.options()).join(", ")}` : "";
      const rest = name === "sampler" ? "; DDIM in all steps is ancestral" : "";
      return `${entry.help}${ids} (default that of the network's settings${rest})`;
    },
  } as const;
}

const SAMPLED_OPTIONS = Object.fromEntries(
  SAMPLED_BY.map((name) => [name, samplingOption(name)]),
) as Record<SampledBy, ReturnType<typeof samplingOption>>;

/** Options of the commands that draw digits. */
export const SAMPLING_OPTIONS = {
  ...COMMON_OPTIONS,
  weights: { type: "string", help: "a run, or a weights file" },
  ...SAMPLED_OPTIONS,
  seed: { type: "string", default: "0", help: SAMPLING.seed.help },
  class: {
    type: "string",
    help: "the class to draw, by its number or name, 7 for the digit 7 (default all in turn)",
  },
  text: {
    type: "string",
    help: "what to draw in turn: digits, such as 2026, or names of classes, with commas between them",
  },
} as const satisfies Options;

/** A line for each option. */
export function helpOf(options: Options): string {
  const width = Math.max(...Object.keys(options).map((name) => name.length));
  const lines = Object.entries(options).map(([name, { default: standard, help }]) => {
    const words = standard === undefined ? help : `${help} (default ${standard})`;
    return `  --${name.padEnd(width)} ${words}`;
  });
  return ["Options:", ...lines].join("\n");
}

/**
 * The options of a command as they were typed.
 *
 * @throws CommandError for one that there is not
 */
export function typedOptions<O extends Options>(args: string[], options: O) {
  try {
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
    for (const [name, value] of Object.entries(values)) {
      // As of a variable of the shell that is not set.
      if ([value].flat().includes("")) {
        throw new Error(`Expected a value for --${name}, got none: give one, or leave it out`);
      }
    }
    return values;
  } catch (error) {
    // Where -- is missing, npm takes the names of the options for itself.
    const isPositional = Object(error).code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL";
    const hint = isPositional
      ? "Options of npm's commands stand behind --: npm run train -- --preset quick.\n"
      : "";
    throw new CommandError(`${messageOf(error)}.\n${hint}${helpOf(options)}`);
  }
}

/** @throws CommandError unless the text is one of the ids */
export function idOption<Id extends string>(name: string, text: string, ids: Iterable<Id>): Id {
  const all = [...ids];
  const id = all.find((each) => each === text);
  if (id !== undefined) return id;
  throw new CommandError(`Expected --${name} ${all.join(", ")}, got ${text}.`);
}

/** @throws CommandError */
export function backendOption(text: string): BackendName {
  return idOption("backend", text, ["wasm", "webgpu"]);
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

/** The typed options of how digits are drawn. */
export type TypedSampling = Partial<Record<SampledBy | "seed", string | undefined>>;

/**
 * Reads how digits are drawn from a network.
 *
 * @throws CommandError where an option is none of the network's choices, or out of its range
 */
export function samplingOptions(typed: TypedSampling, config: RunConfig): SamplingValues {
  // DDIM that somebody asks for, by name or by its eta, is DDIM in all steps, too.
  const isNamed = typed.sampler !== undefined || typed.eta !== undefined;
  const table = isNamed ? SAMPLING : STEP_SAMPLING;
  const text: Partial<SamplingText> = { seed: typed.seed ?? null };
  for (const name of SAMPLED_BY) {
    text[name] = typed[name] ?? null;
    const entry: SamplingEntry = table[name];
    const chosen = typed[name];
    if (entry.kind === "choice" && chosen !== undefined)
      idOption(name, chosen, Object.keys(entry.options(config)));
  }
  const { values, errors } = readSampling(text, { config, table });
  if (values) return values;
  const wrong = Object.entries(errors).map(([name, error]) => `--${name} ${error}`);
  throw new CommandError(`Expected ${wrong.join(", and ")}.`);
}

/** The typed options of what a network with classes is asked for. */
export type AskingOptions = Partial<Record<"class" | "text" | "guidance", string | undefined>>;

/**
 * What a network is asked for: one class, the digits of a text in turn, or all classes in turn.
 *
 * @param config of the network, with the guidance that it is drawn with
 * @param naming of its classes
 * @returns null for a network without classes
 * @throws CommandError where it cannot be asked for that
 */
export function conditionOption(
  typed: AskingOptions,
  count: number,
  config: RunConfig,
  naming: Naming = UNNAMED,
): Condition | null {
  const { classes } = config;
  const given = (["class", "text", "guidance"] as const).filter(
    (name) => typed[name] !== undefined,
  );
  if (given[0]) expectClasses(given[0], classes);
  if (typed.class !== undefined && typed.text !== undefined) {
    throw new CommandError("Expected --class or --text, got both.");
  }
  const asked = labelsOption(typed, classes, naming);
  if (classes === 0 || !asked) return mixedCondition(config, count);
  const labels = Array.from({ length: count }, (_, i) => asked[i % asked.length] as number);
  return { labels, guidance: config.guidance };
}

function labelsOption(typed: AskingOptions, classes: number, naming: Naming): number[] | null {
  if (typed.class !== undefined) return [classOption("class", typed.class, classes, naming)];
  if (typed.text === undefined) return null;
  return textLabels(typed.text, classes, naming);
}

/** @throws CommandError where a text asks for anything but classes of the network */
export function textLabels(text: string, classes: number, { noun, classNames }: Naming): number[] {
  try {
    return labelsOfText(text, classes, noun === "digit" ? null : classNames);
  } catch (error) {
    throw new CommandError(`${messageOf(error)} --text takes nothing else.`);
  }
}

/**
 * The label of a class by its name or number.
 *
 * @throws CommandError where the network has no such class
 */
export function classOption(
  option: string,
  text: string,
  classes: number,
  { classNames }: Naming = UNNAMED,
): number {
  expectClasses(option, classes);
  const named = classNames?.slice(0, classes).indexOf(text) ?? -1;
  return named >= 0 ? named : countOption(option, text, 0, classes - 1);
}

function expectClasses(option: string, classes: number): void {
  if (classes > 0) return;
  throw new CommandError(
    `Expected a network with classes for --${option}, but this one was trained without labels. Train one with --config classes=10.`,
  );
}

/** npm runs commands in the project's folder, wherever it was called. */
export function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** @throws CommandError where there is no file */
export function existingFile(option: string, path: string): string {
  const whole = fromCaller(path);
  if (statSync(whole, { throwIfNoEntry: false })?.isFile()) return whole;
  throw new CommandError(`Expected --${option} FILE, but at ${whole} there is no file.`);
}

/** What is wrong with a file, under its name; any other error as it is. */
export function ofFile(path: string, error: unknown): unknown {
  return error instanceof FormatError
    ? new CommandError(`${path}: ${error.message}`, { cause: error })
    : error;
}

/** @throws CommandError where a file would be written over, or its folder is not there */
export function newFile(option: string, path: string): string {
  const whole = fromCaller(path);
  if (existsSync(whole)) {
    throw new CommandError(
      `Expected a new file for --${option}, but ${whole} is there. Name another with --${option}.`,
    );
  }
  if (!existsSync(dirname(whole))) {
    throw new CommandError(
      `Expected the folder of --${option} ${path} to be there. Make ${dirname(whole)} first.`,
    );
  }
  return whole;
}
