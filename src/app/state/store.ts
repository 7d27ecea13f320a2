import { createStore, type StoreApi } from "zustand/vanilla";
import { configFromQuery } from "../../engine/config/url.ts";
import { type AppState, initialState } from "./state.ts";

export type AppStore = StoreApi<AppState>;

/** A store that begins with what the page's address says. */
export function createAppStore(query: URLSearchParams): AppStore {
  const { preset, config } = configFromQuery(query);
  return createStore<AppState>(() => initialState(preset, config, query));
}
