import { useCallback, useMemo, useState } from "react";
import { useStore } from "zustand";
import { usePlayback } from "../../shared/images/usePlayback.ts";
import type { FilmKind } from "../../state/slices/evolution.ts";
import { type FilmFrame, filmFrames, filmStart } from "./film.ts";
import { useScrubber } from "./ScrubberContext.ts";
import type { Shown } from "./scrubber.ts";

export const SPEEDS = ["0.5", "1", "2", "4"] as const;
export type Speed = (typeof SPEEDS)[number];

export interface Film {
  isPlaying: boolean;
  toggle: () => void;
  kind: FilmKind;
  setKind: (kind: FilmKind) => void;
  speed: Speed;
  setSpeed: (speed: Speed) => void;
  isLooped: boolean;
  setIsLooped: (isLooped: boolean) => void;
}

/** Plays the evolution, from where one is; never by itself. */
export function useFilm(): Film {
  const scrubber = useScrubber();
  const isPlaying = useStore(scrubber.position, (position) => position.isPlaying);
  const kind = useStore(scrubber.position, (position) => position.film);
  const [speed, setSpeed] = useState<Speed>("1");
  const [isLooped, setIsLooped] = useState(false);

  const toggle = useCallback(() => {
    const { position } = scrubber;
    position.setState({ isPlaying: !position.getState().isPlaying });
  }, [scrubber]);

  const player = useMemo(() => {
    let frames: FilmFrame[] = [];
    let snapshots: Shown["snapshots"] | null = null;
    return {
      film() {
        const shown = scrubber.shown();
        if (!shown) return null;
        // Also while it plays: a run that trains adds to it.
        if (snapshots !== shown.snapshots) {
          frames = filmFrames(kind, { snapshots: shown.snapshots, shown: shown.index });
          snapshots = shown.snapshots;
        }
        const durationMs = (index: number) => (frames[index]?.durationMs ?? 0) / Number(speed);
        return { length: frames.length, durationMs };
      },
      first() {
        const { index: snapshot = 0, frame = 0 } = scrubber.shown() ?? {};
        return filmStart(frames, { snapshot, frame }, kind);
      },
      show(index: number) {
        const frame = frames[index];
        if (frame) scrubber.play({ index: frame.snapshot, frame: frame.frame });
      },
      stop: () => scrubber.position.setState({ isPlaying: false }),
    };
  }, [kind, speed, scrubber]);
  usePlayback(isPlaying, isLooped, player);

  const setKind = useCallback((film: FilmKind) => scrubber.position.setState({ film }), [scrubber]);

  return { isPlaying, toggle, kind, setKind, speed, setSpeed, isLooped, setIsLooped };
}
