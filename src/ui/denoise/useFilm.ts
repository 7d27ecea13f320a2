import { useCallback, useEffect } from "react";
import { currentStop, stops } from "../../store/denoise.ts";
import { playedOn } from "../../store/denoiseFrames.ts";
import { usePlayback } from "../usePlayback.ts";
import { useDenoise, useDenoiseState } from "./DenoiseContext.ts";

/** Moves the scrubber while it plays, once a frame of the screen. */
export function useFilm() {
  const { store } = useDenoise();
  const isPlaying = useDenoiseState((state) => state.isPlaying);
  // The session outlives the view: back there, nothing may play by itself.
  useEffect(() => () => store.setState({ isPlaying: false }), [store]);
  const begin = useCallback(() => {
    let position = currentStop(store.getState());
    return (elapsedMs: number) => {
      const state = store.getState();
      const all = stops(state);
      // What it was of is no longer seen.
      if (all.length === 0) {
        store.setState({ isPlaying: false });
        return false;
      }
      // The scrubber was moved by hand meanwhile.
      const here = currentStop(state, all);
      if (here !== Math.min(Math.floor(position), all.length - 1)) position = here;
      const film = { numStops: all.length, speed: state.speed, isLooping: state.isLooping };
      const next = playedOn(position, elapsedMs, film);
      position = next.position;
      const stop = Math.min(Math.floor(position), all.length - 1);
      if (stop !== here || !next.isPlaying) store.setState({ stop, isPlaying: next.isPlaying });
      return next.isPlaying;
    };
  }, [store]);
  usePlayback(isPlaying, begin);
}
