import { useMemo } from "react";
import { usePlayback } from "../../shared/playback/usePlayback.ts";
import { type FilmFrame, filmFrames, filmIndex } from "./film.ts";
import { usePosition, useScrubber } from "./ScrubberContext.ts";
import type { Shown } from "./scrubber.ts";

/** Plays the evolution from what is shown. */
export function useFilm(): void {
  const scrubber = useScrubber();
  const kind = usePosition((position) => position.film);
  const player = useMemo(() => {
    let frames: FilmFrame[] = [];
    let snapshots: Shown["snapshots"] | null = null;
    return {
      film() {
        const shown = scrubber.shown();
        if (!shown) return null;
        // A run in training adds snapshots while it plays.
        if (snapshots !== shown.snapshots) {
          frames = filmFrames(kind, { snapshots: shown.snapshots, shown: shown.index });
          snapshots = shown.snapshots;
        }
        const durationMs = (index: number) => frames[index]?.durationMs ?? 0;
        return { length: frames.length, durationMs };
      },
      shown() {
        const { index: snapshot = 0, frame = 0 } = scrubber.shown() ?? {};
        return filmIndex(frames, { snapshot, frame }, kind);
      },
      show(index: number) {
        const frame = frames[index];
        if (frame) scrubber.play({ index: frame.snapshot, frame: frame.frame });
      },
    };
  }, [kind, scrubber]);
  usePlayback(scrubber.position, player);
}
