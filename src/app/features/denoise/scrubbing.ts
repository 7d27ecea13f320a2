/** What buttons and keys do with the film. Pure. */
import { currentStop, type DenoiseState, shownGenerations, withStop } from "./state/denoise.ts";

/** To a stop by hand. */
export function movedTo(state: DenoiseState, stop: number): DenoiseState {
  return { ...withStop(state, stop), isPlaying: false };
}

function movedBy(state: DenoiseState, numStops: number): DenoiseState {
  return movedTo(state, currentStop(state) + numStops);
}

/** To the digit after this one, or before it; the first follows the last. */
export function pickedBy(state: DenoiseState, by: number): DenoiseState {
  const count = shownGenerations(state).a?.request.count ?? 1;
  return { ...state, picked: (state.picked + by + count) % count };
}

/** What a key does; null when it does nothing here. */
export function afterKey(
  state: DenoiseState,
  { key, shiftKey }: { key: string; shiftKey: boolean },
): DenoiseState | null {
  switch (key) {
    case "ArrowLeft":
      return shiftKey ? pickedBy(state, -1) : movedBy(state, -1);
    case "ArrowRight":
      return shiftKey ? pickedBy(state, 1) : movedBy(state, 1);
    case "Home":
      return movedTo(state, 0);
    case "End":
      return movedTo(state, Number.MAX_SAFE_INTEGER);
    default:
      return null;
  }
}
