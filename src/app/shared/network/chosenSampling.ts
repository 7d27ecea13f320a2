/** How digits are drawn, as chosen and typed in Denoise, and what follows for a network. Pure. */
import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import {
  SAMPLERS,
  type Sampler,
  type SamplerId,
  type StepSamplerId,
  samplerEntry,
  samplersOf,
  samplerWith,
} from "../../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../../engine/diffusion/spacings.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { idIn } from "../../state/query.ts";
import { notInRange, parseDecimal, parseWholeNumber } from "../../state/wholeNumber.ts";
import { defaultSteps } from "./chosenNetwork.ts";

export interface ChosenSampling {
  weights: WeightsChoice;
  /** Null until chosen: that of the network's settings. */
  sampler: SamplerId | null;
  /** The same; only of samplers that have it. */
  spacing: SpacingId | null;
  /** Null until typed: the steps of the page's settings. */
  steps: string | null;
  eta: string;
  /** Null until typed: that of the network's settings. */
  guidance: string | null;
}

export const SAMPLING_DEFAULTS: ChosenSampling = {
  weights: "ema",
  sampler: null,
  spacing: null,
  steps: null,
  eta: "0",
  guidance: null,
};

/**
 * From the page's address.
 *
 * @param suffix of its keys, which tells the sides of a comparison apart
 * @param usual what is not there
 */
export function samplingFromQuery(
  query: URLSearchParams,
  suffix = "",
  usual = SAMPLING_DEFAULTS,
): ChosenSampling {
  const get = (key: string) => query.get(`${key}${suffix}`);
  return {
    weights: get("weights") === "raw" ? "raw" : "ema",
    sampler: idIn(SAMPLERS, get("sampler")),
    spacing: idIn(SPACINGS, get("spacing")),
    steps: get("steps") ?? usual.steps,
    eta: get("eta") ?? usual.eta,
    // Not by its name, which a run's own setting has.
    guidance: get("scale") ?? usual.guidance,
  };
}

/** What `samplingFromQuery` reads, without the suffix. */
export function samplingParams(chosen: ChosenSampling): Record<string, string> {
  const { weights, sampler, spacing, steps, eta, guidance } = chosen;
  return {
    weights,
    eta,
    sampler: sampler ?? "",
    spacing: spacing ?? "",
    steps: steps ?? "",
    scale: guidance ?? "",
  };
}

/** The sampler of the network's settings, unless one is chosen that the network can have. */
export function samplerKindOf(
  { sampler }: Pick<ChosenSampling, "sampler">,
  config: Pick<RunConfig, "samplerKind" | "objective"> | null,
): SamplerId {
  const { samplerKind, objective } = HYPERPARAMETERS;
  const isKnown = sampler !== null && samplersOf(config?.objective ?? objective.default)[sampler];
  return isKnown ? sampler : (config?.samplerKind ?? samplerKind.default);
}

/** The sampler for a network, null where a number is wrong; and what is wrong. */
export function chosenSampler(
  { steps, eta, ...chosen }: ChosenSampling,
  config: RunConfig,
): { sampler: Sampler | null; errors: { steps?: string; eta?: string } } {
  const sampler = samplerKindOf(chosen, config);
  const spacing = chosen.spacing ?? config.stepSpacing;
  const { settings } = samplerEntry(sampler, config.objective);
  const range = { min: 1, max: config.timesteps };
  const stepsText = steps ?? defaultSteps(config);
  const timesteps = parseWholeNumber(stepsText, range);
  const share = parseDecimal(eta);
  const errors: { steps?: string; eta?: string } = {};
  if (settings.includes("timesteps") && timesteps === null) {
    errors.steps = notInRange(stepsText, range);
  }
  if (settings.includes("eta") && !(share >= 0 && share <= 1)) {
    errors.eta = notInRange(eta, { min: 0, max: 1 });
  }
  const isWrong = errors.steps !== undefined || errors.eta !== undefined;
  const all = { timesteps: timesteps ?? 0, spacing, eta: share };
  return { sampler: isWrong ? null : samplerWith(sampler, all, config.objective), errors };
}

/** The guidance scale, as typed. */
export function guidanceText(
  { guidance }: Pick<ChosenSampling, "guidance">,
  config: RunConfig | null,
): string {
  return guidance ?? String(config?.guidance ?? HYPERPARAMETERS.guidance.default);
}

/** The settings of a network, with the sampler and the spacing that are chosen. */
export function withSampler(
  config: RunConfig,
  { sampler, spacing }: { sampler: StepSamplerId | null; spacing: SpacingId | null },
): RunConfig {
  return {
    ...config,
    samplerKind: sampler ?? config.samplerKind,
    stepSpacing: spacing ?? config.stepSpacing,
  };
}
