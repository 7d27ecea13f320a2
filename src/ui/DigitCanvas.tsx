import { useCallback } from "react";
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { SNAPSHOT } from "../config/snapshots.ts";
import { pixelsAt, pointedSnapshot } from "../store/evolution.ts";
import { shownFrame } from "../store/samples.ts";
import type { AppState } from "../store/state.ts";
import { useApp } from "./AppContext.ts";
import { GridCanvas } from "./GridCanvas.tsx";
import { startNoise } from "./startNoise.ts";

/** All digits of the shown frame, or of the snapshot at which one points in the loss. */
export function DigitCanvas({ count, label }: { count: number; label: string }) {
  const { store } = useApp();
  const pixels = useCallback(() => pixelsToShow(store.getState(), count), [store, count]);
  const subscribe = useCallback(
    (onChange: () => void) =>
      store.subscribe((state, before) => {
        const isMoved = pointedSnapshot(state) !== pointedSnapshot(before);
        if (isMoved || state.samples !== before.samples) onChange();
      }),
    [store],
  );
  return <GridCanvas count={count} label={label} pixels={pixels} subscribe={subscribe} />;
}

/** The shown frame; before there is one, the noise that snapshots begin with. */
function pixelsToShow(state: AppState, count: number): Uint8Array {
  const snapshot = pointedSnapshot(state);
  const pixels = snapshot
    ? pixelsAt(snapshot, snapshot.numFrames - 1)
    : shownFrame(state.samples)?.pixels;
  // Another batch may have come to the front that this canvas is not laid out for yet.
  return pixels?.length === count * NUM_PIXELS ? pixels : startNoise(SNAPSHOT.seed, count);
}
