import { NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import type { Snapshot, StoredSnapshot } from "./records.ts";

/** A stored snapshot as this version knows it: of older ones only the digits at their end were kept. */
export function readSnapshot(stored: StoredSnapshot): Snapshot {
  const { step, wallTimeMs, count, numFrames = 1, pixels } = stored;
  return { step, wallTimeMs, count, numFrames, pixels };
}

/** Bytes of its pixels. */
export function snapshotBytes({ count, numFrames }: Pick<Snapshot, "count" | "numFrames">): number {
  return numFrames * count * NUM_PIXELS;
}
