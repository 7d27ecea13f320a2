import { useCallback, useState } from "react";
import { useStore } from "zustand";
import type { FilmKind } from "../../store/evolution.ts";
import { usePlayback } from "../usePlayback.ts";
import { type FilmFrame, filmFrames, filmStart, playedOn } from "./film.ts";
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

  const begin = useCallback(() => {
    let frames: FilmFrame[] = [];
    let snapshots: Shown["snapshots"] | null = null;
    let at = { index: 0, seenMs: 0 };
    const show = (frame?: FilmFrame) => {
      if (frame) scrubber.play({ index: frame.snapshot, frame: frame.frame });
    };
    return (sinceMs: number) => {
      const shown = scrubber.shown();
      if (!shown) return false;
      const isFirst = snapshots === null;
      if (snapshots !== shown.snapshots) {
        // Also while it plays: a run that trains adds to it.
        frames = filmFrames(kind, { snapshots: shown.snapshots, shown: shown.index });
        snapshots = shown.snapshots;
      }
      if (isFirst) {
        const index = filmStart(frames, { snapshot: shown.index, frame: shown.frame }, kind);
        at = { index, seenMs: 0 };
        show(frames[index]);
        return true;
      }
      const next = playedOn(frames, at, { elapsedMs: sinceMs * Number(speed), isLooped });
      if (!next) {
        scrubber.position.setState({ isPlaying: false });
        return false;
      }
      if (next.index !== at.index) show(frames[next.index]);
      at = next;
      return true;
    };
  }, [kind, speed, isLooped, scrubber]);
  usePlayback(isPlaying, begin);

  const setKind = useCallback((film: FilmKind) => scrubber.position.setState({ film }), [scrubber]);

  return { isPlaying, toggle, kind, setKind, speed, setSpeed, isLooped, setIsLooped };
}
