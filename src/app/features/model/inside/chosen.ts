/** What is looked at, as chosen in the form and in Denoise. */
import { HYPERPARAMETERS, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../../../engine/config/sampling.ts";
import { type Sampler, samplerEntry, samplerWith } from "../../../../engine/diffusion/samplers.ts";
import {
  ASK_DEFAULTS,
  askedDigits,
  guidedCondition,
  parseGuidance,
} from "../../../shared/network/askedDigits.ts";
import {
  type ChosenSampling,
  chosenSampler,
  guidanceText,
} from "../../../shared/network/chosenSampling.ts";
import { ASK_KINDS } from "../../../state/generationKinds.ts";
import { parseWholeNumber } from "../../../state/wholeNumber.ts";
import type { Look } from "./lookLoop.ts";
import type { Pixel } from "./pictures.ts";

/** More would take long while a run trains, since each look is at another network. */
const MOST_STEPS_WHILE_TRAINING = 20;

export interface Chosen {
  kind: "real" | "drawn";
  /** The number of the real digit. */
  index: number;
  /** Of the digit that is drawn. */
  seed: number;
  /** How noisy it is, 0 to 1. */
  noise: number;
  label: number | null;
  pixel: Pixel;
}

/** The digits of Denoise: its settings are in the page's address, those that differ from its defaults. */
export function chosenAtFirst(query: URLSearchParams, classes: number): Chosen {
  const numberOf = (key: string, max: number) =>
    parseWholeNumber(query.get(key) ?? "0", { min: 0, max });
  return {
    kind: "real",
    index: numberOf("image", Number.MAX_SAFE_INTEGER) ?? 0,
    seed: numberOf("noise", HYPERPARAMETERS.seed.max) ?? 0,
    noise: 0.4,
    label: firstLabel(query, classes),
    pixel: [13, 13],
  };
}

/** Of the digits that Denoise asks for. */
function firstLabel(query: URLSearchParams, classes: number): number | null {
  const ask = {
    ask: ASK_KINDS.find((kind) => kind === query.get("ask")) ?? ASK_DEFAULTS.ask,
    label: query.get("label") ?? ASK_DEFAULTS.label,
    to: query.get("to") ?? ASK_DEFAULTS.to,
    text: query.get("text") ?? ASK_DEFAULTS.text,
  };
  const { asked } = askedDigits(ask, { classes, areDigits: true, typedCount: 2 });
  const label = asked?.labels?.[0] ?? null;
  return typeof label === "object" ? (label?.of[0] ?? null) : label;
}

export type DrawnDigit = Extract<Look["digit"], { kind: "drawn" }>;

export interface LookedWith {
  config: RunConfig;
  /** Of Denoise; what is wrong in it is left to the network's settings. */
  sampling: ChosenSampling;
  numReal: number;
  isTraining: boolean;
}

/** What is asked of the worker; and where the slider is, whose left end is the most noise of a digit that is drawn. */
export function lookOf(
  { kind, index, seed, noise, label }: Chosen,
  { config, sampling, numReal, isTraining }: LookedWith,
): { look: Omit<Look, "block" | "position">; at: number; last: number } {
  const { timesteps, classes } = config;
  const { weights } = sampling;
  if (kind === "real") {
    const last = timesteps - 1;
    const at = Math.round(noise * last);
    const digit = { kind, index: index % Math.max(1, numReal), t: at, seed: 0 };
    return { look: { weights, digit }, at, last };
  }
  const sampler = lookedSampler(
    sampling,
    config,
    isTraining ? MOST_STEPS_WHILE_TRAINING : timesteps,
  );
  const last = (sampler.timesteps ?? timesteps) - 1;
  const step = Math.round((1 - noise) * last);
  const asked = label !== null && label < classes ? label : null;
  const guidance = parseGuidance(guidanceText(sampling, config)) ?? config.guidance;
  const condition = classes > 0 ? guidedCondition([asked], guidance) : null;
  return {
    look: { weights, digit: { kind, seed, step, sampler, condition } },
    at: step,
    last,
  };
}

function lookedSampler(sampling: ChosenSampling, config: RunConfig, most: number): Sampler {
  const { objective, timesteps, stepSpacing: spacing, samplingTimesteps } = config;
  const usual = samplerOf(Math.min(samplingTimesteps, timesteps), config);
  const sampler = chosenSampler(sampling, config).sampler ?? usual;
  if ((sampler.timesteps ?? timesteps) <= most) return sampler;
  const { inFewerSteps = sampler } = samplerEntry(sampler.kind, objective);
  const settings = { spacing, eta: 0, ...inFewerSteps, timesteps: most };
  return samplerWith(inFewerSteps.kind, settings, objective);
}

export function noiseAt(kind: Chosen["kind"], share: number): number {
  return kind === "real" ? share : 1 - share;
}
