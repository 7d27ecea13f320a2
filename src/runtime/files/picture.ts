import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { classRows } from "../../engine/config/snapshotSteps.ts";
import { pickImages } from "../../engine/data/imageOrder.ts";
import type { Picture, Snapshot } from "../storage/records.ts";

/** Digits of a snapshot that the list of runs shows. */
const NUM_DIGITS = 8;

/** The digits at their end: the last frame. */
export function digitsOf({ count, numFrames, pixels }: Snapshot): Picture {
  return { count, pixels: pixels.slice(((numFrames - 1) * pixels.length) / numFrames) };
}

/** The small picture of a run: the first digits, or the first of each class. */
export function pictureOf(snapshot: Snapshot, config: Pick<RunConfig, "classes">): Picture {
  const digits = digitsOf(snapshot);
  const every = classRows(snapshot.count, config)?.perClass ?? 1;
  const count = Math.min(NUM_DIGITS, Math.ceil(digits.count / every));
  const indices = Array.from({ length: count }, (_, i) => i * every);
  return { count, pixels: pickImages(digits.pixels, indices) };
}
