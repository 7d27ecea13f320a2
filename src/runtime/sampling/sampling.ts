/**
 * How digits are drawn, in one table. What a field of a form shows and refuses, the request to the worker and the options
 * of the commands follow from it: a new setting is one more entry of `SAMPLING`, and its use in `readSampling`. A form shows
 * it where the form names it, and the page's address keeps it once it is in `DRAWN_BY` and `MEASURED_BY` of
 * `app/state/address.ts`.
 *
 * What a person chooses or types stays text. Only a network gives it a meaning: it says how many steps there can be,
 * which samplers go with its objective, and what stands in for a setting that nobody has chosen.
 */
import { HYPERPARAMETERS, type RunConfig } from "../../engine/config/hyperparameters.ts";
import { DEFAULT_DIGITS, MAX_DIGITS } from "../../engine/config/sampling.ts";
import type { Naming } from "../../engine/data/datasets.ts";
import { isOneLevel, numTimestepsOf } from "../../engine/diffusion/objectives.ts";
import {
  SAMPLERS,
  type Sampler,
  type SamplerEntry,
  type SamplerId,
  samplerEntry,
  samplerFor,
  samplersOf,
  samplerWith,
  stepSamplers,
} from "../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../engine/diffusion/spacings.ts";
import type { WeightsChoice } from "../run/samplingProtocol.ts";
import { type Ask, askedDigits, hasOwnCount } from "./ask.ts";
import { notInRange, parseNumber, type Range } from "./typedNumbers.ts";

const WEIGHTS = {
  ema: { label: "averaged" },
  raw: { label: "latest" },
} as const satisfies Record<WeightsChoice, { label: string }>;

interface NumberEntry {
  kind: "integer" | "real";
  range: (config: RunConfig) => Range;
  /** Numbers that are often wanted, to be chosen by a click. */
  suggestions: readonly number[];
}

interface ChoiceEntry {
  kind: "choice";
  /** The choices that a network has; without one, all that there are. */
  options: (config?: RunConfig) => Partial<Record<string, { label: string }>>;
}

interface EveryEntry {
  label: string;
  /** Explains the option of the commands, in a few words. */
  help: string;
  /** The name in the page's address, to which a view may add a prefix or a suffix. */
  key: string;
  /** Stands in, as text, for what nobody has chosen or typed. */
  default: (config: RunConfig, sampler: SamplerEntry) => string;
  /** Whether it has an effect where a network is drawn from with a sampler. */
  appliesTo: (config: RunConfig, sampler: SamplerEntry) => boolean;
}

export type SamplingEntry = EveryEntry & (NumberEntry | ChoiceEntry);

const always = () => true;

/** The settings, in the order in which forms show them. */
export const SAMPLING = {
  weights: {
    kind: "choice",
    label: "Weights",
    help: "averaged over training, or those of the latest step",
    key: "weights",
    options: () => WEIGHTS,
    default: () => "ema",
    appliesTo: always,
  },
  count: {
    kind: "integer",
    label: "Digits",
    help: "how many are drawn",
    key: "digits",
    range: () => ({ min: 1, max: MAX_DIGITS }),
    suggestions: [MAX_DIGITS],
    default: () => String(DEFAULT_DIGITS),
    appliesTo: always,
  },
  sampler: {
    kind: "choice",
    label: "Sampler",
    help: "how noise is removed",
    key: "sampler",
    options: (config?: RunConfig) => (config ? samplersOf(config.objective) : SAMPLERS),
    default: ({ samplerKind, objective }) => samplerFor(samplerKind, objective),
    appliesTo: ({ objective }) => !isOneLevel(objective),
  },
  steps: {
    kind: "integer",
    label: "Steps",
    help: "denoising steps",
    key: "steps",
    range: (config) => ({ min: 1, max: numTimestepsOf(config) }),
    suggestions: [5, 10, 50],
    default: (config) => String(Math.min(config.samplingTimesteps, numTimestepsOf(config))),
    appliesTo: (_, { settings }) => settings.includes("timesteps"),
  },
  spacing: {
    kind: "choice",
    label: "Spacing",
    help: "which noise levels the steps stop at",
    key: "spacing",
    options: () => SPACINGS,
    default: ({ stepSpacing }) => stepSpacing,
    appliesTo: (_, { settings }) => settings.includes("spacing"),
  },
  eta: {
    kind: "real",
    label: "Eta (η)",
    help: "share of fresh noise in each step of DDIM, 0 to 1",
    key: "eta",
    range: () => HYPERPARAMETERS.ddimEta,
    suggestions: [],
    default: ({ ddimEta }) => String(ddimEta),
    appliesTo: (_, { settings }) => settings.includes("eta"),
  },
  stepSize: {
    kind: "real",
    label: "Step size (r)",
    help: "how far each step along the score goes, 0 to 1",
    key: "stepSize",
    range: () => ({ min: 0, max: 1 }),
    suggestions: [],
    default: (_, { defaultStepSize = 0 }) => String(defaultStepSize),
    appliesTo: (_, { settings }) => settings.includes("stepSize"),
  },
  guidance: {
    kind: "real",
    label: "Guidance",
    help: "how strongly the network is pushed toward the class, 0 to 8",
    // A hyperparameter has the name `guidance` in the address.
    key: "scale",
    range: () => HYPERPARAMETERS.guidance,
    suggestions: [],
    default: ({ guidance }) => String(guidance),
    appliesTo: ({ classes }) => classes > 0,
  },
  seed: {
    kind: "integer",
    label: "Seed",
    help: "chooses the noise",
    key: "noise",
    range: () => HYPERPARAMETERS.seed,
    suggestions: [],
    default: () => "0",
    appliesTo: always,
  },
} as const satisfies Record<string, SamplingEntry>;

export type SamplingName = keyof typeof SAMPLING;
export type SamplingTable = {
  [Name in SamplingName]: EveryEntry &
    ((typeof SAMPLING)[Name]["kind"] extends "choice" ? ChoiceEntry : NumberEntry);
};

/**
 * The table where ancestral sampling is not offered by itself. There DDIM in all T steps is ancestral sampling, as in
 * lucidrains' library.
 */
export const STEP_SAMPLING: SamplingTable = {
  ...SAMPLING,
  sampler: { ...SAMPLING.sampler, options: (config) => stepSamplers(config?.objective) },
};

/** What was chosen and typed; null is what the network's settings say. */
export type SamplingText = Record<SamplingName, string | null>;

export const AS_THE_NETWORK = Object.fromEntries(
  Object.keys(SAMPLING).map((name) => [name, null]),
) as SamplingText;

/**
 * The settings that belong to a network rather than to what is drawn from it: other weights come with their own, so that what
 * was chosen for those before no longer holds.
 */
type NetworkOwn = Pick<SamplingText, "sampler" | "steps" | "spacing" | "guidance">;

/** Picks these out of all settings. */
export function networkOwn({ sampler, steps, spacing, guidance }: NetworkOwn): NetworkOwn {
  return { sampler, steps, spacing, guidance };
}

/** A setting as its field shows it. A choice that the network does not have gives way to that of its settings. */
export function shownText(
  name: SamplingName,
  text: Partial<SamplingText>,
  network: { config: RunConfig; table?: SamplingTable },
): string {
  const { config, table = SAMPLING } = network;
  const entry: SamplingEntry = table[name];
  const chosen = text[name] ?? null;
  const isKnown =
    chosen !== null && (entry.kind !== "choice" || Object.hasOwn(entry.options(config), chosen));
  if (isKnown) return chosen;
  // Only a setting of a sampler's own needs to know which it is.
  const { samplerKind, objective } = config;
  const sampler =
    name === "stepSize" ? chosenSampler(text, network) : samplerEntry(samplerKind, objective);
  return entry.default(config, sampler);
}

/** The chosen sampler, or that of the network's settings. */
export function chosenSampler(
  text: Partial<SamplingText>,
  network: { config: RunConfig; table?: SamplingTable },
): SamplerEntry {
  return samplerEntry(shownText("sampler", text, network) as SamplerId, network.config.objective);
}

/** What is wrong, by the name of the setting. */
export type SamplingErrors = Partial<Record<SamplingName, string>>;

export interface SamplingValues {
  count: number;
  seed: number;
  weights: WeightsChoice;
  sampler: Sampler;
  guidance: number;
}

/**
 * Reads the settings for a network.
 *
 * @param text what is left out is taken from the network's settings
 * @returns no values where a number that has an effect is wrong, and what is wrong with it
 */
export function readSampling(
  text: Partial<SamplingText>,
  network: { config: RunConfig; table?: SamplingTable },
): { values: SamplingValues | null; errors: SamplingErrors } {
  const { config, table = SAMPLING } = network;
  const shown = (name: SamplingName) => shownText(name, text, network);
  const sampler = chosenSampler(text, network);
  const errors: SamplingErrors = {};
  const numbers: Partial<Record<SamplingName, number>> = {};
  for (const name of Object.keys(table) as SamplingName[]) {
    const entry: SamplingEntry = table[name];
    if (entry.kind === "choice") continue;
    const value = parseNumber(shown(name), entry.range(config), entry.kind);
    numbers[name] = value ?? 0;
    if (value !== null || !entry.appliesTo(config, sampler)) continue;
    errors[name] = notInRange(shown(name), entry.range(config));
  }
  if (Object.keys(errors).length > 0) return { values: null, errors };
  const { count, seed, steps, eta, stepSize, guidance } = numbers as Record<SamplingName, number>;
  const kind = shown("sampler") as SamplerId;
  const { inAllSteps } = sampler;
  const isOffered = inAllSteps && Object.hasOwn(table.sampler.options(config), inAllSteps);
  const settings = { timesteps: steps, spacing: shown("spacing") as SpacingId, eta, stepSize };
  const values: SamplingValues = {
    count,
    seed,
    weights: shown("weights") as WeightsChoice,
    sampler:
      inAllSteps && !isOffered && steps === config.timesteps
        ? { kind: inAllSteps }
        : samplerWith(kind, settings, config.objective),
    guidance,
  };
  return { values, errors };
}

/**
 * Reads what a form is set to: how digits are drawn, and what the network is asked for. A number of digits that follows from
 * that, and guidance where no label is asked for, have no effect.
 */
export function readDrawing(
  text: Partial<SamplingText>,
  ask: Ask,
  network: { config: RunConfig; table?: SamplingTable; naming: Naming },
) {
  const used = {
    ...text,
    ...(hasOwnCount(ask) && { count: null }),
    ...(ask.ask === "none" && { guidance: null }),
  };
  const { values, errors } = readSampling(used, network);
  const { naming, config } = network;
  const typedCount = values?.count ?? null;
  const { asked, errors: askErrors } = askedDigits(ask, { ...config, naming, typedCount });
  return { values, asked, errors, askErrors };
}
