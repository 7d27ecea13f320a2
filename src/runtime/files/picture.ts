import type { Picture, Snapshot } from "../storage/records.ts";

/** Digits of a snapshot that the list of runs shows. */
const NUM_DIGITS = 8;

/** The digits at their end: the last frame. */
export function digitsOf({ count, numFrames, pixels }: Snapshot): Picture {
  return { count, pixels: pixels.slice(((numFrames - 1) * pixels.length) / numFrames) };
}

/** The small picture of a run. */
export function pictureOf(snapshot: Snapshot): Picture {
  const digits = digitsOf(snapshot);
  const count = Math.min(NUM_DIGITS, digits.count);
  return { count, pixels: digits.pixels.slice(0, (count * digits.pixels.length) / digits.count) };
}
