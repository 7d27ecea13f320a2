/** What the quality view is set to and looks at; the page's first load does without it. */
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../../engine/config/sampling.ts";
import { type StepSamplerId, stepSamplers } from "../../../engine/diffusion/samplers.ts";
import { SPACINGS } from "../../../engine/diffusion/spacings.ts";
import type { EvaluationRequest, SampledNetwork } from "../../../runtime/run/samplingProtocol.ts";
import { useApp } from "../../shared/AppContext.ts";
import { guidanceError, parseGuidance } from "../../shared/network/askedDigits.ts";
import {
  defaultSteps,
  NETWORK_GONE,
  networkKey,
  networkOfKey,
} from "../../shared/network/chosenNetwork.ts";
import {
  type ChosenSampling,
  guidanceText,
  withSampler,
} from "../../shared/network/chosenSampling.ts";
import { addressQuery } from "../../state/address.ts";
import type { Client } from "../../state/client/client.ts";
import { idIn, withParams } from "../../state/query.ts";
import type { Evaluation } from "../../state/slices/evaluation.ts";
import { wholeNumberError } from "../../state/wholeNumber.ts";

/** Numbers as they were typed. */
export interface QualitySettings extends Omit<ChosenSampling, "sampler" | "eta"> {
  network: SampledNetwork;
  count: string;
  /** Null until chosen: that of the network's settings. */
  sampler: StepSamplerId | null;
  seed: string;
}

/** The samples that were asked to be one digit and are read as another, or the same. */
export interface Cell {
  asked: number;
  read: number;
}

/** The nearest to a training image first, the least sure, or as drawn. */
export type SampleOrder = "nearest" | "unsure" | "drawn";

export interface QualityState {
  settings: QualitySettings;
  /** The measurement that is shown; null for the newest. */
  shownId: string | null;
  order: SampleOrder;
  /** Which samples are shown; null for all. */
  cell: Cell | null;
  /** The sample that is shown large, by its place in the order. */
  picked: number;
}

/** What does not stay when another measurement is shown. */
export const OTHER_SAMPLES = { cell: null, picked: 0 } satisfies Partial<QualityState>;

const stores = new WeakMap<Client, StoreApi<QualityState>>();

/** The page's one store of the view: it stays when the view is left. */
export function useQuality(): StoreApi<QualityState> {
  const { client } = useApp();
  const store = stores.get(client) ?? createQualityStore(client);
  stores.set(client, store);
  return store;
}

/** The view's state, set from the page's address. */
export function createQualityStore(client: Pick<Client, "listen">): StoreApi<QualityState> {
  const store = createStore<QualityState>(() => ({
    settings: qualityFromQuery(new URLSearchParams(globalThis.location?.search)),
    shownId: null,
    order: "nearest",
    ...OTHER_SAMPLES,
  }));
  client.listen(({ type }) => {
    // The new measurement is shown in place of an older one.
    if (type === "evaluationDone") store.setState({ shownId: null, ...OTHER_SAMPLES });
    const { settings } = store.getState();
    // Loaded weights bring their own way of being sampled; by now the address has lost what was chosen for another network.
    if (type === "weightsLoaded" && settings.network.kind === "current") {
      const { sampler, spacing, steps, guidance } = qualityFromQuery(addressQuery());
      store.setState({ settings: { ...settings, sampler, spacing, steps, guidance } });
    }
  });
  return store;
}

/** A slice of the view's state; renders again when it changes. */
export function useQualityState<T>(select: (state: QualityState) => T): T {
  return useStore(useQuality(), select);
}

/** The measurement with an id, else the newest; null before the first. */
export function shownEvaluation(
  done: readonly Evaluation[],
  shownId: string | null,
): Evaluation | null {
  const chosen = done.find(({ request }) => request.evaluationId === shownId);
  return chosen ?? done.at(-1) ?? null;
}

/** Indices of the samples of a cell, or of all, in the order in which they are shown; equal ones as drawn. */
export function sampleOrder(
  result: Pick<Evaluation["result"], "distances" | "confidences" | "asked" | "digits">,
  order: SampleOrder,
  cell: Cell | null = null,
): number[] {
  const { distances, confidences, asked, digits } = result;
  const places = Array.from(distances, (_, i) => i).filter(
    (i) => !cell || (asked?.[i] === cell.asked && digits[i] === cell.read),
  );
  const by = { nearest: distances, unsure: confidences, drawn: null }[order];
  return by ? places.sort((a, b) => (by[a] as number) - (by[b] as number)) : places;
}

/** One sample has no covariance; the page does not hold the images of more than the maximum. */
const COUNT_RANGE = { min: 2, max: 2000 };

/**
 * What would be measured; null, with what is wrong by its field, when nothing can be.
 *
 * @param config of the network; null when it is no longer stored
 */
export function qualityRequest(
  { network, weights, count, seed, ...chosen }: QualitySettings,
  config: RunConfig | null,
): {
  request: Omit<EvaluationRequest, "evaluationId"> | null;
  errors: { network?: string } & Partial<
    Record<"count" | "steps" | "seed" | "guidance", string | null>
  >;
} {
  if (!config) {
    return { request: null, errors: { network: NETWORK_GONE } };
  }
  const steps = chosen.steps ?? defaultSteps(config);
  const guidance = config.classes > 0 ? guidanceText(chosen, config) : null;
  const errors = {
    count: wholeNumberError(count, COUNT_RANGE),
    steps: wholeNumberError(steps, { min: 1, max: config.timesteps }),
    seed: wholeNumberError(seed, HYPERPARAMETERS.seed),
    guidance: guidance === null ? null : guidanceError(guidance),
  };
  if (Object.values(errors).some((error) => error !== null)) return { request: null, errors };
  const sampler = samplerOf(Number(steps), withSampler(config, chosen));
  return {
    request: {
      network,
      weights,
      count: Number(count),
      sampler,
      seed: Number(seed),
      guidance: guidance === null ? null : parseGuidance(guidance),
    },
    errors,
  };
}

export const QUALITY_DEFAULTS: QualitySettings = {
  network: { kind: "current" },
  weights: "ema",
  count: "256",
  sampler: null,
  spacing: null,
  steps: null,
  seed: "0",
  guidance: null,
};

/** The settings as parameters of the address, with names apart from those of the denoising view. */
function paramsOf(settings: QualitySettings) {
  const { network, weights, count, sampler, spacing, steps, seed, guidance } = settings;
  return {
    measure: networkKey(network),
    measureWeights: weights,
    measureCount: count,
    measureSampler: sampler ?? "",
    measureSpacing: spacing ?? "",
    measureSteps: steps ?? "",
    measureSeed: seed,
    measureGuidance: guidance ?? "",
  };
}

export function qualityFromQuery(query: URLSearchParams): QualitySettings {
  const usual = QUALITY_DEFAULTS;
  return {
    network: networkOfKey(query.get("measure") ?? "") ?? usual.network,
    weights: query.get("measureWeights") === "raw" ? "raw" : usual.weights,
    count: query.get("measureCount") ?? usual.count,
    sampler: idIn(stepSamplers(), query.get("measureSampler")),
    spacing: idIn(SPACINGS, query.get("measureSpacing")),
    steps: query.get("measureSteps") ?? usual.steps,
    seed: query.get("measureSeed") ?? usual.seed,
    guidance: query.get("measureGuidance") ?? usual.guidance,
  };
}

/** `query` with the view's settings replaced by what differs from the defaults; all else stays. */
export function withQuality(query: URLSearchParams, settings: QualitySettings): URLSearchParams {
  return withParams(query, paramsOf(settings), paramsOf(QUALITY_DEFAULTS));
}
