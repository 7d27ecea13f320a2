/** What is looked at, as chosen in the form. */
import { HYPERPARAMETERS, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../../../engine/config/sampling.ts";
import { ASK_DEFAULTS } from "../../../shared/network/askedDigits.ts";
import { parseWholeNumber } from "../../../state/wholeNumber.ts";
import type { Look } from "./lookLoop.ts";
import type { Pixel } from "./pictures.ts";

/** More would take long while a run trains. */
const MOST_STEPS = 20;

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
export function chosenAtFirst(query: URLSearchParams): Chosen {
  const numberOf = (key: string, max: number, usual = "0") =>
    parseWholeNumber(query.get(key) ?? usual, { min: 0, max });
  return {
    kind: "real",
    index: numberOf("image", Number.MAX_SAFE_INTEGER) ?? 0,
    seed: numberOf("noise", HYPERPARAMETERS.seed.max) ?? 0,
    noise: 0.4,
    label:
      query.get("ask") === "class"
        ? numberOf("label", HYPERPARAMETERS.classes.max, ASK_DEFAULTS.label)
        : null,
    pixel: [13, 13],
  };
}

/** What is asked of the worker; and where the slider is, whose left end is the most noise of a digit that is drawn. */
export function lookOf(
  { kind, index, seed, noise, label }: Chosen,
  config: RunConfig,
  numReal: number,
): { look: Omit<Look, "block" | "position">; at: number; last: number } {
  const { timesteps, samplingTimesteps, classes, guidance } = config;
  const weights = "ema";
  if (kind === "real") {
    const last = timesteps - 1;
    const at = Math.round(noise * last);
    const digit = { kind, index: index % Math.max(1, numReal), t: at, seed: 0 };
    return { look: { weights, digit }, at, last };
  }
  const numSteps = Math.min(MOST_STEPS, samplingTimesteps, timesteps);
  const sampler = samplerOf(numSteps, config);
  const last = (sampler.timesteps ?? timesteps) - 1;
  const step = Math.round((1 - noise) * last);
  const asked = label !== null && label < classes ? label : null;
  const condition = classes > 0 ? { labels: [asked], guidance } : null;
  return {
    look: { weights, digit: { kind, seed, step, sampler, condition } },
    at: step,
    last,
  };
}

export function noiseAt(kind: Chosen["kind"], share: number): number {
  return kind === "real" ? share : 1 - share;
}
