/** The digits that one looks at now. Pure. */
import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { type Beginning, beginningPixels } from "./beginning.ts";
import { type DenoiseState, shownFrame, shownGenerations } from "./state/denoise.ts";
import { pixelsOf } from "./state/denoiseFrames.ts";
import type { Side } from "./state/denoiseSettings.ts";

/**
 * Of a side, `[count, 28, 28]`; before its first frame, what it begins with.
 *
 * @param next what it would begin with if it were asked for now; null when that is not known
 */
export function shownPixels(
  state: DenoiseState,
  side: Side,
  { count, next }: { count: number; next: Beginning | null },
): Uint8Array {
  const pixels = knownPixels(state, side, next);
  // Another batch may have come that the grid is not laid out for yet.
  return pixels?.length === count * NUM_PIXELS ? pixels : new Uint8Array(count * NUM_PIXELS);
}

function knownPixels(state: DenoiseState, side: Side, next: Beginning | null): Uint8Array | null {
  const generation = shownGenerations(state)[side];
  const frame = shownFrame(state, side);
  if (frame) return pixelsOf(frame, state.shown);
  const beginning = generation ?? next;
  const pixels = beginning && beginningPixels(beginning);
  // Two that the worker has chosen are in the other's frame.
  return pixels ?? shownGenerations(state).a?.frames[0]?.pixels ?? null;
}
