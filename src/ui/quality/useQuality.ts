import { useStore } from "zustand";
import { type QualityState, type QualityStore, qualityStore } from "../../store/quality.ts";
import { useApp } from "../AppContext.ts";

export function useQuality(): QualityStore {
  return qualityStore(useApp().client);
}

/** A slice of the view's state; renders again when it changes. */
export function useQualityState<T>(select: (state: QualityState) => T): T {
  return useStore(useQuality(), select);
}
