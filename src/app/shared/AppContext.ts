import { createContext, startTransition, useContext, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { AppHandle } from "../state/actions.ts";
import type { Run } from "../state/slices/run.ts";
import type { AppState } from "../state/state.ts";

export function appHandle(store: AppHandle["store"], client: AppHandle["client"]): AppHandle {
  const begun = new Map<unknown, unknown>();
  const app: AppHandle = {
    store,
    client,
    once<T>(begin: (app: AppHandle) => T): T {
      if (!begun.has(begin)) begun.set(begin, begin(app));
      return begun.get(begin) as T;
    },
  };
  return app;
}

export const AppContext = createContext<AppHandle | null>(null);

export function useApp(): AppHandle {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp needs an AppContext around it.");
  return app;
}

/** A slice of the state; renders again when it changes. */
export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, select);
}

/**
 * A slice of the state, at most once every `intervalMs`, for what is costly to render: the worker reports
 * ten times a second.
 * @param select the same function at every render
 */
export function useThrottledState<T>(select: (state: AppState) => T, intervalMs: number): T {
  const { store } = useApp();
  const [slice, setSlice] = useState(() => select(store.getState()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastMs = Number.NEGATIVE_INFINITY;
    const update = () => {
      timer = undefined;
      lastMs = performance.now();
      // A transition, so that React stops in between for clicks and frames.
      startTransition(() => setSlice(() => select(store.getState())));
    };
    const schedule = () => {
      timer ??= setTimeout(update, Math.max(0, lastMs + intervalMs - performance.now()));
    };
    schedule();
    const unsubscribe = store.subscribe(schedule);
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store, select, intervalMs]);
  return slice;
}

const selectRun = (state: AppState) => state.run;

export function useThrottledRun(intervalMs: number): Run | null {
  return useThrottledState(selectRun, intervalMs);
}
