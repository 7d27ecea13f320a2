import { useEffect, useMemo } from "react";
import { usePlayback } from "../../shared/playback/usePlayback.ts";
import { usePlaybackKeys } from "../../shared/playback/usePlaybackKeys.ts";
import { atRest, rewriteAddress } from "../../state/address.ts";
import classes from "./DenoiseView.module.css";
import { GenerateForm } from "./form/GenerateForm.tsx";
import { PickedDigit } from "./picked/PickedDigit.tsx";
import { Stage } from "./stage/Stage.tsx";
import {
  afterKey,
  currentStop,
  type DenoiseStore,
  shownGenerations,
  stops,
} from "./state/denoise.ts";
import type { DenoiseSession } from "./state/denoiseSession.ts";
import { addressedDenoise, withDenoise } from "./state/denoiseSettings.ts";
import { useDenoise } from "./useDenoise.ts";

/** Denoising step by step, of one generation or of two side by side. */
export default function DenoiseView() {
  const session = useDenoise();
  const { store } = session;
  useAddress(session);
  useFilm(store);
  useKeys(store);
  return (
    <div className={classes.view}>
      <GenerateForm />
      <Stage />
      <PickedDigit />
    </div>
  );
}

/** So that a link brings the settings back, and one of the page's own opens where it says. */
function useAddress({ store, change }: DenoiseSession) {
  useEffect(() => {
    const { start, a, isComparing } = addressedDenoise();
    change({ start, a, isComparing });
    const writing = atRest(() =>
      rewriteAddress((query) => withDenoise(query, store.getState().settings)),
    );
    const unsubscribe = store.subscribe(({ settings }, before) => {
      if (settings !== before.settings) writing.soon();
    });
    return () => {
      unsubscribe();
      writing.now();
    };
  }, [store, change]);
}

/** Time from the first stop to the last at speed 1. */
const PLAY_MS = 4000;
/** How long the end is shown before the film starts again, at any speed. */
const HOLD_MS = 1000;

function useFilm(store: DenoiseStore) {
  const player = useMemo(
    () => ({
      film() {
        const state = store.getState();
        const { length } = stops(state);
        const endMs = state.isLooping ? HOLD_MS * state.speed : 0;
        const durationMs = (stop: number) => (stop < length - 1 ? PLAY_MS / (length - 1) : endMs);
        return length > 1 ? { length, durationMs } : null;
      },
      shown: () => currentStop(store.getState()),
      show: (stop: number) => store.setState({ stop }),
    }),
    [store],
  );
  usePlayback(store, player);
}

function useKeys(store: DenoiseStore) {
  usePlaybackKeys(store, (event) => {
    const state = store.getState();
    const after = shownGenerations(state).a && afterKey(state, event);
    if (after) store.setState(after);
    return after !== null;
  });
}
