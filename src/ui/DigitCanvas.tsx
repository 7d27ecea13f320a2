import { useCallback } from "react";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import { SNAPSHOT } from "../config/snapshots.ts";
import { shownFrame } from "../store/samples.ts";
import type { AppState } from "../store/state.ts";
import { useApp } from "./AppContext.ts";
import { GridCanvas } from "./GridCanvas.tsx";
import { startNoise } from "./startNoise.ts";

/** All digits of the shown frame. */
export function DigitCanvas({ count, label }: { count: number; label: string }) {
  const { store } = useApp();
  const pixels = useCallback(() => pixelsToShow(store.getState(), count), [store, count]);
  const subscribe = useCallback(
    (onChange: () => void) =>
      store.subscribe((state, before) => {
        if (state.samples !== before.samples) onChange();
      }),
    [store],
  );
  return <GridCanvas count={count} label={label} pixels={pixels} subscribe={subscribe} />;
}

/** The shown frame; before there is one, the noise that snapshots begin with. */
function pixelsToShow({ samples }: AppState, count: number): Uint8Array {
  const frame = shownFrame(samples);
  const numPixels = count * IMAGE_SIZE * IMAGE_SIZE;
  // Another batch may have come to the front that this canvas is not laid out for yet.
  return frame && frame.pixels.length === numPixels
    ? frame.pixels
    : startNoise(SNAPSHOT.seed, count);
}
