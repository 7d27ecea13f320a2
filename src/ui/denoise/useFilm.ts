import { useEffect, useMemo } from "react";
import { currentStop, stops } from "../../store/denoise.ts";
import { usePlayback } from "../usePlayback.ts";
import { useDenoise, useDenoiseState } from "./DenoiseContext.ts";

/** From the first stop to the last at speed 1. */
const PLAY_MS = 4000;
/** The end is looked at for so long before it begins again. */
const HOLD_MS = 1000;

/** Moves the scrubber while it plays. */
export function useFilm() {
  const { store } = useDenoise();
  const isPlaying = useDenoiseState((state) => state.isPlaying);
  const isLooping = useDenoiseState((state) => state.isLooping);
  // The session outlives the view: back there, nothing may play by itself.
  useEffect(() => () => store.setState({ isPlaying: false }), [store]);
  const player = useMemo(() => {
    const shown = () => currentStop(store.getState());
    return {
      film() {
        const state = store.getState();
        const { length } = stops(state);
        const stopMs = PLAY_MS / ((length - 1) * state.speed);
        const endMs = state.isLooping ? HOLD_MS : 0;
        const durationMs = (stop: number) => (stop < length - 1 ? stopMs : endMs);
        return length > 0 ? { length, durationMs } : null;
      },
      first: shown,
      shown,
      show: (stop: number) => store.setState({ stop }),
      stop: () => store.setState({ isPlaying: false }),
    };
  }, [store]);
  usePlayback(isPlaying, isLooping, player);
}
