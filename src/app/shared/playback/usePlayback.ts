import { useEffect } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";

/** Whether and how a film is played. */
export interface Playback {
  isPlaying: boolean;
  /** How many times as fast as usual. */
  speed: number;
  isLooping: boolean;
}

export const NOT_PLAYING: Playback = { isPlaying: false, speed: 1, isLooping: false };

/** A store whose state has a playback, and perhaps more. */
export type PlaybackStore = Omit<StoreApi<Playback>, "setState"> & {
  setState(changes: Partial<Playback>): void;
};

export function togglePlay(playback: PlaybackStore): void {
  playback.setState({ isPlaying: !playback.getState().isPlaying });
}

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

/** Where a film begins to play: at what is shown, or at its start when that is its end. */
export function playStart({ length }: Pick<Film, "length">, shown: number): number {
  return shown < length - 1 ? shown : 0;
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
  /** The frame on the screen, which others than the film may move, too. */
  shown(): number;
  show(index: number): void;
}

/** Plays a film while it is to play, at most one frame a frame of the screen. */
export function usePlayback(playback: PlaybackStore, player: Player): void {
  const isPlaying = useStore(playback, (state) => state.isPlaying);
  // The store may outlive the view: back there, nothing may play by itself.
  useEffect(() => () => playback.setState({ isPlaying: false }), [playback]);
  useEffect(() => {
    if (!isPlaying) return;
    let position: FilmPosition | null = null;
    let lastMs = performance.now();
    let request = requestAnimationFrame(function play(nowMs) {
      const { speed, isLooping } = playback.getState();
      // A frame's time is that of its beginning, which may be before this.
      const elapsedMs = speed * Math.max(0, nowMs - lastMs);
      lastMs = nowMs;
      const stop = () => playback.setState({ isPlaying: false });
      const film = player.film();
      if (!film) return stop();
      const isStart = position === null;
      const shown = player.shown();
      const index = isStart ? playStart(film, shown) : shown;
      const from = position?.index === index ? position : { index, seenMs: 0 };
      position = playedOn(film, from, { elapsedMs, isLooping });
      const next = position?.index ?? film.length - 1;
      if (isStart || next !== shown) player.show(next);
      if (!position) return stop();
      request = requestAnimationFrame(play);
    });
    return () => cancelAnimationFrame(request);
  }, [isPlaying, playback, player]);
}
