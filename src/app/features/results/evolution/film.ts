/** The order in which a film shows snapshots and denoising steps, and for how long. */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { classRows } from "../../../../engine/config/snapshotSteps.ts";
import { gridColumns } from "../../../../engine/formats/pictures/imageGrid.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { axisFrame, axisLength } from "./denoisingAxis.ts";
import type { FilmKind } from "./text.ts";

export interface FilmFrame {
  /** Index of a snapshot. */
  snapshot: number;
  /** On the denoising axis, see `axisFrame`. */
  frame: number;
  durationMs: number;
}

const TRAINING_MS = 160;
const DENOISING_MS = 2600;
/** Limits of the time for one step. */
const DENOISING_STEP_MS = { least: 34, most: 300 };
const BOTH_STEP_MS = 40;
/** The digits, before the next noise. */
const BOTH_DIGITS_MS = 240;
/** Where a film ends, before it begins again. */
const END_MS = 1200;

/** Digits beside each other in files. */
export function snapshotColumns(count: number, config: Pick<RunConfig, "classes">): number {
  return classRows(count, config)?.columns ?? gridColumns(count);
}

/**
 * - `training`: the digits of each snapshot.
 * - `denoising`: the shown snapshot, from noise to digits.
 * - `both`: every snapshot, from noise to digits.
 *
 * @param of.shown index of the shown snapshot
 */
export function filmFrames(
  kind: FilmKind,
  { snapshots, shown }: { snapshots: readonly Pick<Snapshot, "numFrames">[]; shown: number },
): FilmFrame[] {
  const axis = axisLength(snapshots);
  const last = snapshots.length - 1;
  const denoising = (snapshot: number, stepMs: number, digitsMs: number): FilmFrame[] => {
    const numFrames = snapshots[snapshot]?.numFrames ?? 0;
    return Array.from({ length: numFrames }, (_, own) => ({
      snapshot,
      frame: axisFrame(own, numFrames, axis),
      durationMs: own === numFrames - 1 ? digitsMs : stepMs,
    }));
  };
  if (kind === "denoising") {
    const { least, most } = DENOISING_STEP_MS;
    return denoising(shown, Math.min(most, Math.max(least, DENOISING_MS / axis)), END_MS);
  }
  return snapshots.flatMap((_, snapshot) =>
    kind === "both"
      ? denoising(snapshot, BOTH_STEP_MS, snapshot === last ? END_MS : BOTH_DIGITS_MS)
      : { snapshot, frame: axis - 1, durationMs: snapshot === last ? END_MS : TRAINING_MS },
  );
}

/** The frame of a film that is shown, or else the next after it. */
export function filmIndex(
  frames: readonly FilmFrame[],
  shown: { snapshot: number; frame: number },
  kind: FilmKind,
): number {
  const index = frames.findIndex(
    ({ snapshot, frame }) =>
      snapshot >= shown.snapshot && (kind === "training" || frame >= shown.frame),
  );
  return Math.max(0, index);
}
