/** What is looked at, as chosen in the form and in Draw. */

import { HYPERPARAMETERS, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { UNNAMED } from "../../../../engine/data/datasets.ts";
import { numTimestepsOf } from "../../../../engine/diffusion/objectives.ts";
import { type Sampler, samplerEntry, samplerWith } from "../../../../engine/diffusion/samplers.ts";
import { askedDigits, guidedCondition } from "../../../../runtime/sampling/ask.ts";
import {
  readSampling,
  type SamplingText,
  type SamplingValues,
  STEP_SAMPLING,
} from "../../../../runtime/sampling/sampling.ts";
import { parseWholeNumber } from "../../../../runtime/sampling/typedNumbers.ts";
import { readParams } from "../../../state/address.ts";
import type { Look } from "./lookLoop.ts";
import type { Pixel } from "./pictures.ts";

/** More would take long while a run trains, since each look is at another network. */
const MOST_STEPS_WHILE_TRAINING = 20;

export interface Chosen {
  kind: "real" | "drawn";
  /** The number of the real digit. */
  index: number;
  /** The seed of the drawn digit. */
  seed: number;
  /** How noisy it is, 0 to 1. */
  noise: number;
  label: number | null;
  pixel: Pixel;
}

/** The image that Draw begins with, and the seed and the label that it asks for, by the page's address. */
export function chosenAtFirst(query: URLSearchParams, classes: number): Chosen {
  const { digit, seed, ...ask } = readParams("draw", query);
  const { asked } = askedDigits(ask, { classes, naming: UNNAMED, typedCount: 2 });
  const label = asked?.labels?.[0] ?? null;
  return {
    kind: "real",
    index: digit,
    seed: parseWholeNumber(seed, HYPERPARAMETERS.seed) ?? 0,
    noise: 0.4,
    label: typeof label === "object" ? (label?.of[0] ?? null) : label,
    pixel: [13, 13],
  };
}

export type DrawnDigit = Extract<Look["digit"], { kind: "drawn" }>;

export interface LookedWith {
  config: RunConfig;
  /** What is chosen in Draw; where that is wrong, the network's settings hold. */
  sampling: Partial<SamplingText>;
  numReal: number;
  runGoesOn: boolean;
}

/** What is asked of the worker, and where the slider is; for a drawn digit, its left end is the most noise. */
export function lookOf(
  { kind, index, seed, noise, label }: Chosen,
  { config, sampling, numReal, runGoesOn }: LookedWith,
): { look: Omit<Look, "block" | "position">; at: number; last: number } {
  const { classes } = config;
  const timesteps = numTimestepsOf(config);
  const { weights, guidance, sampler: whole } = sampledWith(sampling, config);
  if (kind === "real") {
    const last = timesteps - 1;
    const at = Math.round(noise * last);
    const digit = { kind, index: index % Math.max(1, numReal), t: at, seed: 0 };
    return { look: { weights, digit }, at, last };
  }
  const most = runGoesOn ? MOST_STEPS_WHILE_TRAINING : timesteps;
  const sampler = shortened(whole, most, config);
  const last = (sampler.timesteps ?? timesteps) - 1;
  const step = Math.round((1 - noise) * last);
  const asked = label !== null && label < classes ? label : null;
  const condition = classes > 0 ? guidedCondition([asked], guidance) : null;
  return {
    look: { weights, digit: { kind, seed, step, sampler, condition } },
    at: step,
    last,
  };
}

function sampledWith(sampling: Partial<SamplingText>, config: RunConfig): SamplingValues {
  const { values } = readSampling(sampling, { config });
  if (values) return values;
  const { weights = null } = sampling;
  return readSampling({ weights }, { config, table: STEP_SAMPLING }).values as SamplingValues;
}

/** A sampler in so many steps at most. */
function shortened(sampler: Sampler, most: number, config: RunConfig): Sampler {
  const { objective, timesteps, stepSpacing: spacing } = config;
  if ((sampler.timesteps ?? timesteps) <= most) return sampler;
  const { inFewerSteps = sampler } = samplerEntry(sampler.kind, objective);
  const settings = { spacing, eta: 0, stepSize: 0, ...inFewerSteps, timesteps: most };
  return samplerWith(inFewerSteps.kind, settings, objective);
}

export function noiseAt(kind: Chosen["kind"], share: number): number {
  return kind === "real" ? share : 1 - share;
}
