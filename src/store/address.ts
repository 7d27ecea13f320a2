/** The page's address holds the settings, so that a link or a reload brings them back. */
import { HYPERPARAMETERS, type RunConfig } from "../config/hyperparameters.ts";
import type { PresetName } from "../config/presets.ts";
import { configToQuery } from "../config/url.ts";
import type { BackendChoice } from "../worker/protocol.ts";
import { type ChartOptions, withChartOptions } from "./chartOptions.ts";
import { withComparison } from "./comparison.ts";
import { type ViewName, withView } from "./view.ts";

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

/** Writes the settings to the address bar without a new entry in the history. */
export function writeSettings(preset: PresetName, config: RunConfig): void {
  const query = withSettings(new URLSearchParams(window.location.search), preset, config);
  window.history.replaceState(window.history.state, "", `?${query}${window.location.hash}`);
}

/** The same of how charts are drawn. */
export function writeChartOptions(options: ChartOptions): void {
  const query = withChartOptions(new URLSearchParams(window.location.search), options);
  window.history.replaceState(window.history.state, "", `?${query}${window.location.hash}`);
}

/** The same of the runs that are compared. */
export function writeComparison(runIds: readonly string[]): void {
  const query = withComparison(new URLSearchParams(window.location.search), runIds);
  window.history.replaceState(window.history.state, "", `?${query}${window.location.hash}`);
}

/** The address of a view, with all else as it is; an entry of its own in the history. */
export function goToView(view: ViewName): void {
  const query = withView(new URLSearchParams(window.location.search), view);
  window.history.pushState(null, "", `?${query}${window.location.hash}`);
}

/** Writes the backend to the address bar, for the next load. */
export function writeBackend(backend: BackendChoice): void {
  const query = new URLSearchParams(window.location.search);
  query.set("backend", backend);
  window.history.replaceState(window.history.state, "", `?${query}${window.location.hash}`);
}

/** Starts the page anew with another backend; the worker is bound to the one it began with. */
export function reloadWithBackend(backend: BackendChoice): void {
  const query = new URLSearchParams(window.location.search);
  query.set("backend", backend);
  window.location.search = query.toString();
}
