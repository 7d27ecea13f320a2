import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { type ClassRows, classRows } from "../../../../engine/config/snapshotSteps.ts";
import { epochWord } from "../../../../runtime/format.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { drawOnChange } from "../../../shared/images/drawOnChange.ts";
import { denoisingOf, longest, ownFrame } from "./film.ts";
import type { Position, Scrubber, Shown } from "./scrubber.ts";
import { type DenoisingAxis, denoisingWords, trainingWords } from "./text.ts";

export const ScrubberContext = createContext<Scrubber | null>(null);

export function useScrubber(): Scrubber {
  const scrubber = useContext(ScrubberContext);
  if (!scrubber) throw new Error("useScrubber needs a ScrubberContext.");
  return scrubber;
}

/** A part of the position; renders again when it changes. */
export function usePosition<T>(select: (position: Position) => T): T {
  return useStore(useScrubber().position, select);
}

/** Without snapshots EvolutionView renders nothing that calls this. */
function shownOf(scrubber: Scrubber): Shown {
  const shown = scrubber.shown();
  if (!shown) throw new Error("No snapshots to show.");
  return shown;
}

/**
 * A part of what is shown; renders again when it changes.
 * @param select gives the same object, number or text as long as it is the same
 */
export function useShown<T>(select: (shown: Shown) => T): T {
  const scrubber = useScrubber();
  const selected = () => select(shownOf(scrubber));
  return useSyncExternalStore(scrubber.subscribe, selected, selected);
}

/**
 * Draws, without rendering React, whenever something else is shown.
 * @param draw changes only when all must be drawn anew
 */
export function useDrawing(draw: (shown: Shown) => void): void {
  const scrubber = useScrubber();
  useEffect(
    () => drawOnChange(() => draw(shownOf(scrubber)), scrubber.subscribe),
    [scrubber, draw],
  );
}

/** The denoising axis: that of the snapshot with the most steps. */
export function useDenoisingAxis(): DenoisingAxis {
  return useDenoisingOf(useShown(({ snapshots }) => longest(snapshots)));
}

export function useShownDenoising(): DenoisingAxis {
  return useDenoisingOf(useShown(({ snapshot }) => snapshot));
}

function useRunSettings() {
  const config = useAppState((state) => (state.run ?? state).config);
  const stepsPerEpoch = useAppState(({ run }) => run?.size?.stepsPerEpoch ?? null);
  return { config, stepsPerEpoch };
}

function useDenoisingOf(snapshot: Snapshot): DenoisingAxis {
  const { config, stepsPerEpoch } = useRunSettings();
  return useMemo(
    () => denoisingOf(snapshot, { config, stepsPerEpoch }),
    [snapshot, config, stepsPerEpoch],
  );
}

/** The rows by class in which the shown digits stand; null where they stand in no such rows. */
export function useClassRows(): ClassRows | null {
  const config = useAppState((state) => (state.run ?? state).config);
  return classRows(
    useShown((shown) => shown.snapshot.count),
    config,
  );
}

/** A description of what is shown. */
export function useWords(): { training: string; denoising: string } {
  const { config, stepsPerEpoch } = useRunSettings();
  const of = useShownDenoising();
  return {
    training: useShown(({ snapshot }) =>
      trainingWords(snapshot.step, stepsPerEpoch, epochWord(config)),
    ),
    denoising: useShown(({ frame, axis }) => denoisingWords(ownFrame(frame, of.axis, axis), of)),
  };
}
