import { useEffect, useMemo } from "react";
import { useApp } from "../../shared/AppContext.ts";
import { usePlayback } from "../../shared/images/usePlayback.ts";
import { rewriteAddress } from "../../state/address.ts";
import { DenoiseContext, useDenoise, useDenoiseState } from "./DenoiseContext.ts";
import classes from "./DenoiseView.module.css";
import { GenerateForm } from "./form/GenerateForm.tsx";
import { PickedDigit } from "./picked/PickedDigit.tsx";
import { afterKey } from "./scrubbing.ts";
import { Stage } from "./stage/Stage.tsx";
import { currentStop, shownGenerations, stops } from "./state/denoise.ts";
import { withDenoise } from "./state/denoiseAddress.ts";
import { denoiseSession } from "./state/denoiseSession.ts";

/** Digits on their way out of noise, step by step, in one or two generations. */
export default function DenoiseView() {
  const app = useApp();
  const session = useMemo(() => denoiseSession(app), [app]);
  return (
    <DenoiseContext value={session}>
      <View />
    </DenoiseContext>
  );
}

function View() {
  useSettingsInAddress();
  useFilm();
  useKeys();
  return (
    <div className={classes.view}>
      <GenerateForm />
      <Stage />
      <PickedDigit />
    </div>
  );
}

/** Keeps the settings in the address, so that a link brings them back. */
function useSettingsInAddress() {
  const { store } = useDenoise();
  useEffect(() => {
    return store.subscribe(({ settings }, before) => {
      if (settings !== before.settings) rewriteAddress((query) => withDenoise(query, settings));
    });
  }, [store]);
}

/** Time from the first stop to the last at speed 1. */
const PLAY_MS = 4000;
/** How long the end is shown before the film starts again. */
const HOLD_MS = 1000;

/** Moves the scrubber while it plays. */
function useFilm() {
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

/** Space, arrows, Home and End move the film, wherever the focus is that has no use for them itself. */
function useKeys() {
  const { store } = useDenoise();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      if (event.target instanceof Element && isNeeded(event.key, event.target)) return;
      const state = store.getState();
      if (!shownGenerations(state).a) return;
      const after = afterKey(state, event);
      if (!after) return;
      // The page would scroll.
      event.preventDefault();
      store.setState(after);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [store]);
}

/** Whether what has the focus does something with the key itself. */
function isNeeded(key: string, target: Element): boolean {
  if (target.closest("input, select, textarea, dialog, [contenteditable]")) return true;
  if (key === " ") return target.closest("button, summary") !== null;
  return target.closest("[role=slider]") !== null;
}
