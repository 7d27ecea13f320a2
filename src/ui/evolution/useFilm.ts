import { useCallback, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { FilmKind } from "../../store/evolutionAddress.ts";
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

  useEffect(() => {
    if (!isPlaying) return;
    let frames: FilmFrame[] = [];
    let snapshots: Shown["snapshots"] | null = null;
    let at = 0;
    let nextMs = 0;
    let request = requestAnimationFrame(function tick(nowMs) {
      const shown = scrubber.shown();
      if (!shown) return;
      if (snapshots !== shown.snapshots) {
        // Also while it plays: a run that trains adds to it.
        frames = filmFrames(kind, { snapshots: shown.snapshots, shown: shown.index });
        if (!snapshots) {
          at = filmStart(frames, { snapshot: shown.index, frame: shown.frame }, kind);
          nextMs = nowMs;
          show(frames[at]);
        }
        snapshots = shown.snapshots;
      }
      const before = at;
      while (nowMs >= nextMs + durationMs(frames[at])) {
        nextMs += durationMs(frames[at]);
        at++;
        if (at < frames.length) continue;
        if (!isLooped) {
          scrubber.position.setState({ isPlaying: false });
          return;
        }
        at = 0;
        nextMs = nowMs;
      }
      if (at !== before) show(frames[at]);
      request = requestAnimationFrame(tick);
    });
    const durationMs = (frame?: FilmFrame) =>
      (frame?.durationMs ?? Number.POSITIVE_INFINITY) / Number(speed);
    const show = (frame?: FilmFrame) => {
      if (frame) scrubber.play({ index: frame.snapshot, frame: frame.frame });
    };
    return () => cancelAnimationFrame(request);
  }, [isPlaying, kind, speed, isLooped, scrubber]);

  const setKind = useCallback((film: FilmKind) => scrubber.position.setState({ film }), [scrubber]);

  return { isPlaying, toggle, kind, setKind, speed, setSpeed, isLooped, setIsLooped };
}
