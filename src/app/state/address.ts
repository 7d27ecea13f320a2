/** The page's address holds the settings, so that a link or a reload brings them back. */

import { HYPERPARAMETERS, type RunConfig } from "../../engine/config/hyperparameters.ts";
import type { PresetName } from "../../engine/config/presets.ts";
import { configToQuery } from "../../engine/config/url.ts";
import type { BackendChoice } from "../../hosts/worker/protocol.ts";
import { withParams } from "./query.ts";
import { type ViewName, viewFromQuery, withView } from "./slices/view.ts";

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
  const others = [...query].filter(([key]) => key !== "preset" && !(key in HYPERPARAMETERS));
  return new URLSearchParams([...others, ...configToQuery(preset, config)]);
}

/**
 * What stands in the address bar. Kept here besides, since an older entry of the history, gone back to,
 * has older settings, while those on the page stay.
 */
let written: URLSearchParams | null = null;
/** Those who show links to be told of a change. */
const listeners = new Set<() => void>();

/** The page's query as it was written last. */
export function addressQuery(): URLSearchParams {
  written ??= new URLSearchParams(window.location.search);
  return written;
}

/** Changes the query in the address bar without a new entry in the history. */
export function rewriteAddress(change: (query: URLSearchParams) => URLSearchParams): void {
  written = change(addressQuery());
  window.history.replaceState(window.history.state, "", addressOf(written));
  tellListeners();
}

/** The address of a view, with all else as it is; an entry of its own in the history. */
export function goToView(view: ViewName): void {
  written = withView(addressQuery(), view);
  window.history.pushState(null, "", addressOf(written));
  tellListeners();
}

/** @returns ends it */
export function onAddressChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tellListeners(): void {
  for (const listener of listeners) listener();
}

/** The view that the person went back or forward to; the rest of the address is as it was. */
export function viewGoneTo(): ViewName {
  const view = viewFromQuery(new URLSearchParams(window.location.search));
  rewriteAddress((query) => withView(query, view));
  return view;
}

/** Of this browser alone: its device, its stored runs, and what is looked at of them. */
const PERSONAL = ["backend", "run", "compare", "step"];

/** A link to this page as it is now, with its settings, for somebody else's browser. */
export function shareLink(): string {
  const query = new URLSearchParams(addressQuery());
  for (const key of PERSONAL) query.delete(key);
  const link = new URL(window.location.href);
  link.hash = "";
  // Without a question mark where nothing follows it.
  link.search = query.toString();
  return link.href;
}

/** Starts the page anew with another backend; the worker is bound to the one it began with. */
export function reloadWithBackend(backend: BackendChoice): void {
  rewriteAddress((query) => withBackend(query, backend));
  window.location.reload();
}

/** `query` with another backend, for the next load. */
export function withBackend(query: URLSearchParams, backend: BackendChoice): URLSearchParams {
  return withParams(query, { backend });
}

function addressOf(query: URLSearchParams): string {
  return `?${query}${window.location.hash}`;
}
