/** The view of quality's own state, loaded with it: the page's first load does without. */

import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import { useApp } from "../../shared/AppContext.ts";
import type { Client } from "../../state/client/client.ts";
import type { Evaluation, EvaluationState } from "../../state/slices/evaluation.ts";
import { type QualitySettings, qualityFromQuery } from "./qualitySettings.ts";

/** In which order samples are shown: the nearest to a training image first, the least sure, or as drawn. */
export type SampleOrder = "nearest" | "unsure" | "drawn";

export interface QualityState {
  settings: QualitySettings;
  /** The measurement that is looked at; null for the newest. */
  shownId: string | null;
  order: SampleOrder;
  /** The sample that is seen large, by its place in the order. */
  picked: number;
  /** How the last one ended where it left no figures, and nothing failed. */
  outcome: "cancelled" | null;
}

export type QualityStore = StoreApi<QualityState>;

const stores = new WeakMap<Client, QualityStore>();

/** The one of this page: it stays when the view is left. */
function qualityStore(client: Client): QualityStore {
  const store = stores.get(client) ?? startStore(client);
  stores.set(client, store);
  return store;
}

function startStore(client: Client): QualityStore {
  const store = createStore<QualityState>(() => ({
    settings: qualityFromQuery(new URLSearchParams(globalThis.location?.search)),
    shownId: null,
    order: "nearest",
    picked: 0,
    outcome: null,
  }));
  client.listen((event) => store.setState((state) => afterQualityEvent(state, event)));
  return store;
}

/** The state after a word of the worker. Pure. */
export function afterQualityEvent(state: QualityState, event: WorkerEvent): QualityState {
  switch (event.type) {
    case "evaluationProgress":
    case "evaluationFailed":
      return state.outcome === null ? state : { ...state, outcome: null };
    case "evaluationCancelled":
      return { ...state, outcome: "cancelled" };
    // What one has waited for takes the place of what one looked at meanwhile.
    case "evaluationDone":
      return { ...state, outcome: null, shownId: null, picked: 0 };
    default:
      return state;
  }
}

/** The one that is looked at; null before the first. */
export function shownEvaluation(
  { done }: Pick<EvaluationState, "done">,
  shownId: string | null,
): Evaluation | null {
  const chosen = done.find(({ request }) => request.evaluationId === shownId);
  return chosen ?? done.at(-1) ?? null;
}

/** Places of the samples in the order in which they are shown, `[N]`; equal ones as drawn. */
export function sampleOrder(
  { distances, confidences }: Pick<Evaluation["result"], "distances" | "confidences">,
  order: SampleOrder,
): number[] {
  const places = Array.from(distances, (_, i) => i);
  const by = { nearest: distances, unsure: confidences, drawn: null }[order];
  return by ? places.sort((a, b) => (by[a] as number) - (by[b] as number)) : places;
}

export function useQuality(): QualityStore {
  return qualityStore(useApp().client);
}

/** A slice of the view's state; renders again when it changes. */
export function useQualityState<T>(select: (state: QualityState) => T): T {
  return useStore(useQuality(), select);
}
