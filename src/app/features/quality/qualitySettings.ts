/** What the view of quality is set to, the request that follows from it, and its place in the address. Pure. */

import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../../engine/config/sampling.ts";
import type {
  EvaluationRequest,
  SampledNetwork,
  WeightsChoice,
} from "../../../runtime/run/samplingProtocol.ts";
import { withParams } from "../../state/query.ts";
import { defaultSteps, networkKey, networkOfKey } from "../../state/slices/sampledNetwork.ts";
import { notInRange, parseWholeNumber } from "../../state/wholeNumber.ts";

/** Of one sample there is no covariance; of more than these the page would hold too many. */
const COUNT_RANGE = { min: 2, max: 2000 };

/** Numbers as they were typed. */
export interface QualitySettings {
  network: SampledNetwork;
  weights: WeightsChoice;
  count: string;
  /** Null until typed: the steps of the page's settings. */
  steps: string | null;
  seed: string;
}

export const QUALITY_DEFAULTS: QualitySettings = {
  network: { kind: "current" },
  weights: "ema",
  count: "256",
  steps: null,
  seed: "0",
};

export type QualityErrors = Partial<Record<"network" | "count" | "steps" | "seed", string>>;

/**
 * What would be measured; null, with what is wrong by its field, when nothing can be.
 *
 * @param config of the network; null when it is no longer there
 */
export function qualityRequest(
  { network, weights, ...typed }: QualitySettings,
  config: RunConfig | null,
): { request: Omit<EvaluationRequest, "evaluationId"> | null; errors: QualityErrors } {
  if (!config) {
    const errors = { network: "It is no longer stored: choose another network." };
    return { request: null, errors };
  }
  const errors: QualityErrors = {};
  const parsed = (field: "count" | "steps" | "seed", text: string, range: typeof COUNT_RANGE) => {
    const value = parseWholeNumber(text, range);
    if (value === null) errors[field] = notInRange(text, range);
    return value;
  };
  const count = parsed("count", typed.count, COUNT_RANGE);
  const stepsText = typed.steps ?? defaultSteps(config);
  const steps = parsed("steps", stepsText, { min: 1, max: config.timesteps });
  const seed = parsed("seed", typed.seed, HYPERPARAMETERS.seed);
  if (count === null || steps === null || seed === null) return { request: null, errors };
  const sampler = samplerOf(steps, config);
  return { request: { network, weights, count, sampler, seed }, errors };
}

/** In the address: apart from those of the denoising view, which stay beside them. */
const KEYS = {
  network: "measure",
  weights: "measureWeights",
  count: "measureCount",
  steps: "measureSteps",
  seed: "measureSeed",
} as const;

export function qualityFromQuery(query: URLSearchParams): QualitySettings {
  const usual = QUALITY_DEFAULTS;
  return {
    network: networkOfKey(query.get(KEYS.network) ?? "") ?? usual.network,
    weights: query.get(KEYS.weights) === "raw" ? "raw" : usual.weights,
    count: query.get(KEYS.count) ?? usual.count,
    steps: query.get(KEYS.steps) ?? usual.steps,
    seed: query.get(KEYS.seed) ?? usual.seed,
  };
}

/** `query` with the view's settings replaced by what differs from the defaults; all else stays. */
export function withQuality(query: URLSearchParams, settings: QualitySettings): URLSearchParams {
  const [values, usual] = [texts(settings), texts(QUALITY_DEFAULTS)];
  const fields = Object.entries(KEYS) as [keyof typeof KEYS, string][];
  const params = fields.map(([field, key]) => {
    return [key, values[field] === usual[field] ? null : values[field]] as const;
  });
  return withParams(query, Object.fromEntries(params));
}

function texts({ network, steps, ...others }: QualitySettings) {
  return { ...others, network: networkKey(network), steps: steps ?? "" };
}
