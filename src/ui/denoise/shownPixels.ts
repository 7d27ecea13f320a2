/** The digits that one looks at now. Pure, but for noise that stands for nothing. */
import type { DenoiseState } from "../../store/denoise.ts";
import { pixelsOf } from "../../store/denoiseFrames.ts";
import { shownFrame } from "../../store/denoiseScrubber.ts";
import type { Side } from "../../store/denoiseSettings.ts";
import { gaussianNoise } from "../gaussianNoise.ts";

const NUM_PIXELS = 28 * 28;

/** Of a side, `[count, 28, 28]`; before its first frame, what it begins with, as far as that is known. */
export function shownPixels(state: DenoiseState, side: Side, count: number): Uint8Array {
  const start = state.generations[side]?.request.start.kind ?? "noise";
  const frame = shownFrame(state, side);
  // Both begin with the same.
  const pixels = frame ? pixelsOf(frame, state.shown) : state.generations.a?.frames[0]?.pixels;
  // Another batch may have come that the grid is not laid out for yet.
  if (pixels?.length === count * NUM_PIXELS) return pixels;
  return start === "noise" ? gaussianNoise(count * NUM_PIXELS) : new Uint8Array(count * NUM_PIXELS);
}
