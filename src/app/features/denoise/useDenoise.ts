import { useStore } from "zustand";
import { useApp } from "../../shared/AppContext.ts";
import type { DenoiseState } from "./state/denoise.ts";
import { type DenoiseSession, startDenoise } from "./state/denoiseSession.ts";

/** The denoising of this page: it stays when the view is left. */
export function useDenoise(): DenoiseSession {
  return useApp().once(startDenoise);
}

/** A slice of the view's state; renders again when it changes. */
export function useDenoiseState<T>(select: (state: DenoiseState) => T): T {
  return useStore(useDenoise().store, select);
}
