import { useStore } from "zustand";
import { useApp } from "../../shared/AppContext.ts";
import { type QualityState, type QualityStore, qualityStore } from "./quality.ts";

export function useQuality(): QualityStore {
  return qualityStore(useApp().client);
}

/** A slice of the view's state; renders again when it changes. */
export function useQualityState<T>(select: (state: QualityState) => T): T {
  return useStore(useQuality(), select);
}
