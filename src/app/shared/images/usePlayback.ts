import { useEffect } from "react";

/** Something that is seen frame by frame. */
interface Film {
  readonly length: number;
  /** How long a frame is seen; 0 for the last where the film stops as soon as it is there. */
  durationMs(index: number): number;
}

/** Which frame of a film is seen, and for how long already. */
interface FilmPosition {
  index: number;
  seenMs: number;
}

/** Where a film is a while later; null when it has come to its end. */
export function playedOn(
  film: Film,
  { index, seenMs }: FilmPosition,
  { elapsedMs, isLooping }: { elapsedMs: number; isLooping: boolean },
): FilmPosition | null {
  let leftMs = seenMs + elapsedMs;
  for (let at = index; at < film.length; at++) {
    const durationMs = film.durationMs(at);
    if (leftMs < durationMs) return { index: at, seenMs: leftMs };
    leftMs -= durationMs;
  }
  return isLooping ? { index: 0, seenMs: 0 } : null;
}

interface Player {
  /** What is played, as it is now: it may become longer. Null when there is nothing any more. */
  film(): Film | null;
  /** The frame that it begins with. */
  first(film: Film): number;
  /** The frame that is shown, where others than the film may move it. */
  shown?(): number;
  show(index: number): void;
  /** The film has come to its end. */
  stop(): void;
}

/** Plays a film while it is to play, at most one frame a frame of the screen. */
export function usePlayback(isPlaying: boolean, isLooping: boolean, player: Player): void {
  useEffect(() => {
    if (!isPlaying) return;
    let position: FilmPosition | null = null;
    let lastMs = performance.now();
    let request = requestAnimationFrame(function play(nowMs) {
      // A frame's time is that of its beginning, which may be before this.
      const elapsedMs = Math.max(0, nowMs - lastMs);
      lastMs = nowMs;
      const film = player.film();
      if (!film) return player.stop();
      const before: FilmPosition = position ?? { index: player.first(film), seenMs: 0 };
      if (position === null) player.show(before.index);
      const index = player.shown?.() ?? before.index;
      const from = index === before.index ? before : { index, seenMs: 0 };
      position = playedOn(film, from, { elapsedMs, isLooping });
      const next = position?.index ?? film.length - 1;
      if (next !== index) player.show(next);
      if (!position) return player.stop();
      request = requestAnimationFrame(play);
    });
    return () => cancelAnimationFrame(request);
  }, [isPlaying, isLooping, player]);
}
