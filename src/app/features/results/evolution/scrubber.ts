/**
 * Where one is in the evolution. The store has all snapshots of the run, a `Scrubber` says at which snapshot and which
 * denoising step one is, moves there, and tells all who draw; within its context, hooks give a component what is shown
 * and how it is called.
 */

import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { createStore, type StoreApi } from "zustand/vanilla";
import { type ClassRows, classRows } from "../../../../engine/config/snapshotSteps.ts";
import { type Noun, namingOf, ownNames } from "../../../../engine/data/datasets.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { drawOnChange } from "../../../shared/images/drawOnChange.ts";
import { NOT_PLAYING, type Playback } from "../../../shared/playback/usePlayback.ts";
import { type Params, readParams } from "../../../state/address.ts";
import { cursorStep, heldAt, pointedAt } from "../../../state/slices/cursor.ts";
import { nounOfSet } from "../../../state/slices/dataset.ts";
import { snapshotAt } from "../../../state/slices/evolution.ts";
import type { AppState } from "../../../state/state.ts";
import type { AppStore } from "../../../state/store.ts";
import {
  axisLength,
  type Denoising,
  denoisingOf,
  denoisingWords,
  longest,
  ownFrame,
  pixelsOnAxis,
} from "./denoisingAxis.ts";
import { trainingWords } from "./trainingAxis.ts";

/** The position in denoising; that in training is shared by all views, see cursor.ts. */
interface Position extends Params<"evolution">, Playback {
  /** The place on the denoising axis while the pointer is over a picture of the plane. */
  pointedFrame: number | null;
}

/** What is on the screen. */
export interface Shown {
  snapshots: readonly Snapshot[];
  /** Place of `snapshot` in `snapshots`. */
  index: number;
  snapshot: Snapshot;
  /** Frames of the denoising axis. */
  axis: number;
  /** Place on the denoising axis. */
  frame: number;
  digit: number;
}

/**
 * Moves through the evolution. The training step is shared with the charts: the step pointed at in one
 * of them is shown, else the held one, which the charts mark, else the newest.
 */
export class Scrubber {
  readonly position: StoreApi<Position>;
  readonly #app: AppStore;

  /** Begins where the address says. */
  constructor(app: AppStore) {
    this.#app = app;
    this.position = createStore<Position>(() => ({
      ...NOT_PLAYING,
      ...readParams("evolution"),
      pointedFrame: null,
    }));
  }

  /** Null without snapshots. */
  shown(): Shown | null {
    const state = this.#app.getState();
    const { pointedFrame, digit, ...position } = this.position.getState();
    const { snapshots } = state.evolution;
    const step = cursorStep(state);
    const snapshot = step === null ? snapshots.at(-1) : snapshotAt(snapshots, step);
    if (!snapshot) return null;
    const axis = axisLength(snapshots);
    const frame = pointedFrame ?? position.frame ?? axis - 1;
    return {
      snapshots,
      snapshot,
      axis,
      index: snapshots.indexOf(snapshot),
      frame: Math.min(frame, axis - 1),
      digit: Math.min(digit, snapshot.count - 1),
    };
  }

  /** Calls back when something else may be shown. */
  readonly subscribe = (onChange: () => void): (() => void) => {
    const endPosition = this.position.subscribe(onChange);
    const endApp = this.#app.subscribe((state, before) => {
      const isSame =
        state.evolution === before.evolution && cursorStep(state) === cursorStep(before);
      if (!isSame) onChange();
    });
    return () => {
      endPosition();
      endApp();
    };
  };

  /** The digits that are shown, `[count, 28, 28]`; none without snapshots. */
  readonly pixels = (): Uint8Array => {
    const shown = this.shown();
    return shown ? pixelsOnAxis(shown.snapshot, shown.frame, shown.axis) : new Uint8Array();
  };

  /** The chosen one of them, `[28, 28]`. */
  readonly digitPixels = (): Uint8Array => imageAt(this.pixels(), this.shown()?.digit ?? 0);

  /** Goes to places of one axis or both, and stops the film. Beyond an end is at the end. */
  go(to: { index?: number; frame?: number }): void {
    this.position.setState({ isPlaying: false });
    this.play(to);
  }

  /** Goes to places of one axis or both, as `go` does, but the film plays on. */
  play({ index, frame }: { index?: number; frame?: number }): void {
    const shown = this.shown();
    if (!shown) return;
    this.position.setState({ pointedFrame: null });
    if (frame !== undefined) {
      const isEnd = frame >= shown.axis - 1;
      this.position.setState({ frame: isEnd ? null : Math.max(0, frame) });
    }
    if (index !== undefined) {
      // At the newest it follows those to come.
      const isNewest = index >= shown.snapshots.length - 1;
      const step = isNewest ? null : (shown.snapshots[Math.max(0, index)]?.step ?? null);
      this.#app.setState(heldAt(step));
    }
  }

  /**
   * Shows a training step, and a place of the denoising axis, while the pointer is there; null ends
   * that. Ignored while the film plays, since the pointer may only pass by.
   */
  pointAt(place: { step: number; frame?: number } | null): void {
    if (this.position.getState().isPlaying) return;
    this.position.setState({ pointedFrame: place?.frame ?? null });
    this.#app.setState(pointedAt(place?.step ?? null));
  }

  /** Stays at the snapshot of a training step. */
  holdAt(step: number): void {
    const { snapshots } = this.#app.getState().evolution;
    const snapshot = snapshotAt(snapshots, step);
    if (snapshot) this.go({ index: snapshots.indexOf(snapshot) });
  }

  choose(digit: number): void {
    this.position.setState({ digit });
  }

  /** To the digits, when another run is shown. */
  reset(): void {
    this.position.setState({ frame: null, pointedFrame: null, isPlaying: false });
  }

  /** When the view is left. */
  leave(): void {
    this.#app.setState(pointedAt(null));
  }
}

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

/** What the axes and their words follow from besides the snapshots. */
export function runSettings({ run, config }: AppState) {
  return { config: run?.config ?? config, stepsPerEpoch: run?.size?.stepsPerEpoch ?? null };
}

/** The denoising of the axis: that of the snapshot with the most steps. */
export function useAxisDenoising(): Denoising {
  return useDenoisingOf(useShown(({ snapshots }) => longest(snapshots)));
}

export function useShownDenoising(): Denoising {
  return useDenoisingOf(useShown(({ snapshot }) => snapshot));
}

function useDenoisingOf(snapshot: Snapshot): Denoising {
  const settings = useAppState(useShallow(runSettings));
  return useMemo(() => denoisingOf(snapshot, settings), [snapshot, settings]);
}

/** The rows by class in which the shown digits stand; null where they stand in no such rows. */
export function useClassRows(): ClassRows | null {
  const count = useShown(({ snapshot }) => snapshot.count);
  const config = useAppState((state) => runSettings(state).config);
  const dataset = useAppState(({ run, dataset }) => run?.dataset ?? dataset.current);
  return classRows(count, config, dataset && ownNames(namingOf(dataset)));
}

/** What one of the images that the run draws is called. */
export function useNounOfRun(): Noun {
  return useAppState((state) => (state.run ? namingOf(state.run.dataset).noun : nounOfSet(state)));
}

/** `Sample 12`, of rows by class `Sample 12, class 1`. */
export function sampleWords(digit: number, rows: ClassRows | null): string {
  const label = rows ? Math.floor(digit / rows.perClass) : 0;
  const ofClass = rows ? `, class ${rows.names?.[label] ?? label}` : "";
  return `Sample ${digit + 1}${ofClass}`;
}

/** A description of what is shown. */
export function useWords(): { training: string; denoising: string } {
  const settings = useAppState(useShallow(runSettings));
  const of = useShownDenoising();
  return {
    training: useShown(({ snapshot }) => trainingWords(snapshot.step, settings)),
    denoising: useShown(({ frame, axis }) =>
      denoisingWords(ownFrame(frame, of.numFrames, axis), of),
    ),
  };
}
