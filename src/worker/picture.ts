import type { EvolutionFrame, Picture } from "../storage/records.ts";

/** Digits of a preview that the list of runs shows. */
const NUM_DIGITS = 8;

/** The small picture of a run. */
export function pictureOf(frame: Pick<EvolutionFrame, "count" | "pixels"> | null): Picture | null {
  if (!frame) return null;
  const count = Math.min(NUM_DIGITS, frame.count);
  return { count, pixels: frame.pixels.slice(0, (count * frame.pixels.length) / frame.count) };
}
