import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from "react";
import { useStore } from "zustand";
import { useAppState } from "../../shared/AppContext.ts";
import type { Position, Scrubber, Shown } from "./scrubber.ts";
import { type DenoisingAxis, denoisingAxis, denoisingWords, trainingWords } from "./text.ts";

export const ScrubberContext = createContext<Scrubber | null>(null);

export function useScrubber(): Scrubber {
  const scrubber = useContext(ScrubberContext);
  if (!scrubber) throw new Error("useScrubber needs a ScrubberContext around it.");
  return scrubber;
}

/** A part of where the person is; renders again when it changes. */
export function usePosition<T>(select: (position: Position) => T): T {
  return useStore(useScrubber().position, select);
}

/**
 * A part of what is shown; renders again when it changes.
 * @param select gives the same object, number or text as long as it is the same
 */
export function useShown<T>(select: (shown: Shown | null) => T): T {
  const scrubber = useScrubber();
  const subscribe = useCallback((notify: () => void) => scrubber.subscribe(notify), [scrubber]);
  const selected = () => select(scrubber.shown());
  return useSyncExternalStore(subscribe, selected, selected);
}

/**
 * Draws at once, and then at most once a frame of the screen when something else is shown, without
 * rendering React.
 * @param draw changes only when all must be drawn anew
 */
export function useDrawing(draw: (shown: Shown) => void): void {
  const scrubber = useScrubber();
  useEffect(() => {
    let request: number | null = null;
    const drawNow = () => {
      request = null;
      const shown = scrubber.shown();
      if (shown) draw(shown);
    };
    drawNow();
    const unsubscribe = scrubber.subscribe(() => {
      request ??= requestAnimationFrame(drawNow);
    });
    return () => {
      unsubscribe();
      if (request !== null) cancelAnimationFrame(request);
    };
  }, [scrubber, draw]);
}

/** The denoising of the run's snapshots. */
export function useDenoisingAxis(): DenoisingAxis {
  const config = useAppState((state) => (state.run ?? state).config);
  const axis = useShown((shown) => shown?.axis ?? 1);
  return useMemo(() => denoisingAxis(axis, config), [axis, config]);
}

/** Where one is, in words. */
export function useWords(): { training: string; denoising: string } {
  const stepsPerEpoch = useAppState(({ run }) => run?.size?.stepsPerEpoch ?? null);
  const axis = useDenoisingAxis();
  const training = useShown((shown) => shown && trainingWords(shown.snapshot.step, stepsPerEpoch));
  const denoising = useShown((shown) => shown && denoisingWords(shown.frame, axis));
  return { training: training ?? "", denoising: denoising ?? "" };
}
