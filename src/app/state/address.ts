/** The page's address holds the settings, so that a link or a reload brings them back. */
import { createStore } from "zustand/vanilla";
import { HYPERPARAMETERS, type RunConfig } from "../../engine/config/hyperparameters.ts";
import type { PresetName } from "../../engine/config/presets.ts";
import { configToQuery } from "../../engine/config/url.ts";
import type { BackendChoice } from "../../hosts/worker/protocol.ts";
import { keepFacts } from "./client/deviceFacts.ts";
import { withParams } from "./query.ts";
import { type ViewName, viewFromQuery, withView } from "./slices/view.ts";
import type { AppState } from "./state.ts";
import { isTrainedModel } from "./trainedModels.ts";

export const BACKEND_CHOICES = ["auto", "webgpu", "wasm"] as const satisfies BackendChoice[];

export function backendFromQuery(query: URLSearchParams): BackendChoice {
  return BACKEND_CHOICES.find((choice) => choice === query.get("backend")) ?? "auto";
}

/** `query` with the settings replaced; what is no setting, such as `backend`, stays. */
export function withSettings(
  query: URLSearchParams,
  preset: PresetName,
  config: RunConfig,
): URLSearchParams {
  const others = [...query].filter(
    ([key]) => key !== "preset" && !Object.hasOwn(HYPERPARAMETERS, key),
  );
  return new URLSearchParams([...others, ...configToQuery(preset, config)]);
}

/** Denoise and Quality keep here how the loaded network is sampled, unless the parameter it is listed under names another one. */
const SAMPLING = {
  network: ["sampler", "spacing", "steps", "scale"],
  measure: ["measureSampler", "measureSpacing", "measureSteps", "measureGuidance"],
};

/**
 * Puts the weights that are loaded, null for none, into `query`. They bring their own way of being sampled, so what
 * was chosen for other weights goes; it stays where the address already names these very ones.
 */
export function withLoaded(query: URLSearchParams, fileName: string | null): URLSearchParams {
  const model = fileName !== null && isTrainedModel(fileName) ? fileName : null;
  const isNamed = model !== null && model === query.get("model");
  const others = Object.entries(SAMPLING).flatMap(([network, chosen]) =>
    fileName === null || isNamed || query.has(network) ? [] : chosen,
  );
  return withParams(query, { model, ...Object.fromEntries(others.map((key) => [key, null])) });
}

/**
 * The query of the address bar. Kept here besides, since going back in the history leads to an address with
 * older settings, while those on the page stay.
 */
const address = createStore(() => new URLSearchParams(globalThis.location?.search));

/** The page's query as it was written last. */
export const addressQuery = address.getState;

/** @returns ends it */
export const onAddressChange = address.subscribe;

/** Changes the query in the address bar without a new entry in the history. */
export function rewriteAddress(change: (query: URLSearchParams) => URLSearchParams): void {
  address.setState(change, true);
  window.history.replaceState(window.history.state, "", barAddress());
}

/** Goes to the address of a view, with all else but `params` as it is, in a new entry of the history. */
export function goToView(
  view: ViewName,
  params: Readonly<Record<string, string | null>> = {},
): void {
  address.setState((query) => withParams(withView(query, view), params), true);
  window.history.pushState(null, "", barAddress());
}

/** The view that the person went back or forward to; the rest of the address is as it was. */
export function viewGoneTo(): ViewName {
  const view = viewFromQuery(new URLSearchParams(window.location.search));
  rewriteAddress((query) => withView(query, view));
  return view;
}

/** What is shared from every view: the settings, which are hyperparameters, and how charts are drawn. */
const SHARED = ["preset", "model", "view", "smoothing", "x", "xScale", "yScale", "zoom"];

const DRAWN =
  /^(compare|start|digits|noise|level|between|mix|image|corners|ask|label|to|text|(weights|sampler|spacing|steps|eta|scale)B?)$/;

/** What is shared of a view besides: not what has no meaning in another browser, its device and its stored runs. */
const SHARED_OF_VIEW: Partial<Record<ViewName, RegExp>> = {
  train: /^(write|digit)$/,
  denoise: DRAWN,
  evolution: /^(denoising|sample|film)$/,
  compare: /^figure$/,
  quality: /^measure(Weights|Count|Sampler|Spacing|Steps|Seed|Guidance)?$/,
  // It draws as Denoise does.
  model: new RegExp(`${DRAWN.source}|^block$`),
};

/** What only this browser can make sense of: its device and its stored runs. */
const OF_BROWSER = /^(backend|runs?|step|networkB?)$/;

/** Whether this version of the page reads a parameter of the address. */
export function isReadKey(key: string): boolean {
  const patterns = [OF_BROWSER, ...Object.values(SHARED_OF_VIEW)];
  const isOfView = patterns.some((pattern) => pattern.test(key));
  return isOfView || SHARED.includes(key) || Object.hasOwn(HYPERPARAMETERS, key);
}

/** A link to this page as it is seen, with its settings, for another browser. */
export function shareLink({
  view,
  config,
  run,
}: Pick<AppState, "view" | "config" | "run">): string {
  const isShared = (key: string) =>
    SHARED.includes(key) || Object.hasOwn(HYPERPARAMETERS, key) || SHARED_OF_VIEW[view]?.test(key);
  const query = new URLSearchParams([...addressQuery()].filter(([key]) => isShared(key)));
  // Nobody can distil without its teacher.
  const teacher = config.distilFrom > 0 && run?.size?.startedFrom;
  if (teacher && isTrainedModel(teacher)) query.set("model", teacher);
  const link = new URL(window.location.href);
  link.hash = "";
  // Without a question mark where nothing follows it.
  link.search = query.toString();
  return link.href;
}

/** Reloads the page with another backend: the worker cannot change its own. A graphics device that failed is tried anew. */
export function reloadWithBackend(backend: BackendChoice): void {
  keepFacts(null);
  rewriteAddress((query) => withParams(query, { backend }));
  window.location.reload();
}

function barAddress(): string {
  const { pathname, hash } = window.location;
  const query = addressQuery().toString();
  // Without a question mark where nothing follows it.
  return `${query === "" ? pathname : `?${query}`}${hash}`;
}
