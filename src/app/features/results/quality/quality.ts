/** The settings of the view Quality, and which measurement it shows; the measurements are in `state/slices/evaluation.ts`. */
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import type { EvaluationRequest } from "../../../../runtime/run/samplingProtocol.ts";
import {
  networkOwn,
  readSampling,
  SAMPLING,
  type SamplingErrors,
  type SamplingTable,
  STEP_SAMPLING,
} from "../../../../runtime/sampling/sampling.ts";
import { useApp } from "../../../shared/AppContext.ts";
import { NETWORK_GONE } from "../../../shared/network/chosenNetwork.ts";
import type { Page } from "../../../state/actions.ts";
import { type ChosenNetwork, type Params, readParams } from "../../../state/address.ts";
import type { Evaluation } from "../../../state/slices/evaluation.ts";
import { viewSlice } from "../../../state/viewSlices.ts";

/** The settings that the address has, see `ADDRESS`. */
export type QualitySettings = Params<"quality">;

/** The samples that were asked to be one class and are read as another, or the same. */
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

declare module "../../../state/viewSlices.ts" {
  interface ViewSlices {
    quality: QualityState;
  }
}

export function useQuality(): StoreApi<QualityState> {
  return useApp().once(beginQuality);
}

/** Begins the view's state, set from the page's address. */
export function beginQuality(app: Page): StoreApi<QualityState> {
  const store = viewSlice(app.store, "quality", {
    settings: readParams("quality"),
    shownId: null,
    order: "nearest",
    ...OTHER_SAMPLES,
  });
  app.store.subscribe(({ evaluation: { done } }, { evaluation: before }) => {
    // The new measurement is shown in place of an older one.
    if (done !== before.done) store.setState({ shownId: null, ...OTHER_SAMPLES });
  });
  app.store.subscribe(({ weights: { loaded } }, { weights: before }) => {
    const { settings } = store.getState();
    // Loaded weights bring their own way of being sampled; by now the address has lost what was chosen for another network.
    if (loaded && loaded !== before.loaded && settings.network.kind === "current") {
      store.setState({ settings: { ...settings, ...networkOwn(readParams("quality")) } });
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
  const chosen = done.find(({ request }) => request.requestId === shownId);
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
  // Where no classifier reads them none is less sure than another.
  const isByConfidence = order === "unsure" && confidences.length > 0;
  const by = isByConfidence ? confidences : order === "drawn" ? null : distances;
  return by ? places.sort((a, b) => (by[a] as number) - (by[b] as number)) : places;
}

/** One sample has no covariance; the page does not hold the images of more than the maximum. */
const COUNT_RANGE = { min: 2, max: 2000 };

export const QUALITY_SAMPLING: SamplingTable = {
  ...STEP_SAMPLING,
  count: {
    ...SAMPLING.count,
    label: "Samples",
    range: () => COUNT_RANGE,
    suggestions: [256, 2000],
  },
};

/**
 * What would be measured; null, with what is wrong by its field, when nothing can be.
 *
 * @param config of the network; null when it is no longer stored
 */
export function qualityRequest(
  { network, ...typed }: QualitySettings,
  config: RunConfig | null,
): {
  request: Omit<EvaluationRequest<ChosenNetwork>, "requestId"> | null;
  errors: SamplingErrors & { network?: string };
} {
  if (!config) return { request: null, errors: { network: NETWORK_GONE } };
  const { values, errors } = readSampling(typed, { config, table: QUALITY_SAMPLING });
  if (!values) return { request: null, errors };
  const guidance = config.classes > 0 ? values.guidance : null;
  return { request: { ...values, guidance, network }, errors };
}
