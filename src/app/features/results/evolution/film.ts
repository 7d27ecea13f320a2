/** The order in which a film shows snapshots and denoising steps, and for how long. */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { classRows } from "../../../../engine/config/snapshotSteps.ts";
import { distilledConfig } from "../../../../engine/config/studentSteps.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { gridColumns } from "../../../../engine/formats/pictures/imageGrid.ts";
import { previewTimes } from "../../../../engine/train/sampleStart.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { pixelsAt } from "../../../state/slices/evolution.ts";
import type { DenoisingAxis, FilmKind } from "./text.ts";

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

/** Frames of the denoising axis: as many as the snapshot with the most has; 0 without snapshots. */
export function axisLength(snapshots: readonly Pick<Snapshot, "numFrames">[]): number {
  return snapshots.reduce((most, { numFrames }) => Math.max(most, numFrames), 0);
}

/** The snapshot with the most frames, whose the axis is. There must be one. */
export function longest(snapshots: readonly Snapshot[]): Snapshot {
  return snapshots.reduce((most, each) => (each.numFrames > most.numFrames ? each : most));
}

/** The denoising of a snapshot, with as many steps as its network was made for. */
export function denoisingOf(
  { step, numFrames }: Pick<Snapshot, "step" | "numFrames">,
  { config, stepsPerEpoch }: { config: RunConfig; stepsPerEpoch: number | null },
): DenoisingAxis {
  const sampled = distilledConfig(config, step, stepsPerEpoch ?? Number.POSITIVE_INFINITY);
  return { times: previewTimes(sampled), axis: numFrames };
}

/** Where frame `own` of a snapshot lies on the axis: its first at the noise, its last at the digits. */
export function axisFrame(own: number, numFrames: number, axis: number): number {
  return numFrames < 2 ? axis - 1 : Math.round((own * (axis - 1)) / (numFrames - 1));
}

/** The snapshot's own frame at a place of the axis. */
export function ownFrame(onAxis: number, numFrames: number, axis: number): number {
  return axis < 2 ? 0 : Math.round((onAxis * (numFrames - 1)) / (axis - 1));
}

/** The digits of a snapshot at a place of the axis, `[count, 28, 28]`. */
export function pixelsOnAxis(snapshot: Snapshot, frame: number, axis: number): Uint8Array {
  return pixelsAt(snapshot, ownFrame(frame, snapshot.numFrames, axis));
}

/** One of them, `[28, 28]`. */
export function digitOnAxis(
  snapshot: Snapshot,
  place: { frame: number; axis: number; digit: number },
) {
  const { frame, axis, digit } = place;
  return imageAt(pixelsOnAxis(snapshot, frame, axis), digit);
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
