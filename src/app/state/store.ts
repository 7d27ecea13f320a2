import { createStore, type StoreApi } from "zustand/vanilla";
import { configFromQuery } from "../../engine/config/url.ts";
import { chartOptionsFromQuery } from "./slices/chartOptions.ts";
import { comparisonFromQuery } from "./slices/comparison.ts";
import { cursorFromQuery } from "./slices/cursor.ts";
import { addressedFromQuery, NO_STORED_RUNS } from "./slices/storedRuns.ts";
import { viewFromQuery } from "./slices/view.ts";
import { type AppState, initialState } from "./state.ts";

export type AppStore = StoreApi<AppState>;

/** A store whose settings are those of the page's address. */
export function createAppStore(query: URLSearchParams): AppStore {
  const { preset, config } = configFromQuery(query);
  return createStore<AppState>(() => ({
    ...initialState(preset, config),
    view: viewFromQuery(query),
    charts: chartOptionsFromQuery(query),
    cursor: cursorFromQuery(query),
    comparison: comparisonFromQuery(query),
    stored: { ...NO_STORED_RUNS, addressed: addressedFromQuery(query) },
  }));
}
