import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { DenoiseState } from "./state/denoise.ts";
import type { DenoiseSession } from "./state/denoiseSession.ts";

export const DenoiseContext = createContext<DenoiseSession | null>(null);

export function useDenoise(): DenoiseSession {
  const session = useContext(DenoiseContext);
  if (!session) throw new Error("useDenoise needs a DenoiseContext around it.");
  return session;
}

/** A slice of the view's state; renders again when it changes. */
export function useDenoiseState<T>(select: (state: DenoiseState) => T): T {
  return useStore(useDenoise().store, select);
}
