import { useEffect, useMemo } from "react";
import { usePlayback } from "../../shared/playback/usePlayback.ts";
import { usePlaybackKeys } from "../../shared/playback/usePlaybackKeys.ts";
import { atRest, rewriteAddress } from "../../state/address.ts";
import classes from "./Draw.module.css";
import { DrawForm } from "./DrawForm.tsx";
import { PickedDigit } from "./PickedDigit.tsx";
import { Stage } from "./Stage.tsx";
import type { DrawSession } from "./state/drawSession.ts";
import { addressedDraw, withDraw } from "./state/drawSettings.ts";
import {
  afterKey,
  currentStop,
  type DrawStore,
  shownGenerations,
  stops,
} from "./state/drawState.ts";
import { useDraw } from "./useDraw.ts";

/**
 * Digits drawn by a network, step by step, or two batches of them side by side. On the left stands what they begin with,
 * in the middle the digits, on the right one of them large. `drawSession.ts` has them drawn: as soon as anything changes
 * where few steps are enough, else when one presses Generate; `drawSettings.ts` makes the requests.
 */
export default function DrawView() {
  const session = useDraw();
  const { store } = session;
  useAddress(session);
  useFilm(store);
  useKeys(store);
  return (
    <div className={classes.view}>
      <DrawForm />
      <Stage />
      <PickedDigit />
    </div>
  );
}

/** So that a link brings the settings back, and a link within the page opens Draw as the link says. */
function useAddress({ store, change }: DrawSession) {
  useEffect(() => {
    // How B is drawn is not in the address of one alone.
    const { b, ...addressed } = addressedDraw();
    change({ ...addressed, ...(addressed.isComparing && { b }) });
    const writing = atRest(() =>
      rewriteAddress((query) => withDraw(query, store.getState().settings)),
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

function useFilm(store: DrawStore) {
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

function useKeys(store: DrawStore) {
  usePlaybackKeys(store, (event) => {
    const state = store.getState();
    const after = shownGenerations(state).a && afterKey(state, event);
    if (after) store.setState(after);
    return after !== null;
  });
}
