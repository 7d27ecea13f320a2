/**
 * The axis from noise to digits, which all snapshots of a run share. It has as many frames as the snapshot with the
 * most. One with fewer, such as that of a student with fewer steps, lies along it from end to end: its first frame at
 * the noise, its last at the digits. One that has only its digits shows them everywhere. Pure.
 */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { evenFrames } from "../../../../engine/config/snapshotSteps.ts";
import { distilledConfig } from "../../../../engine/config/studentSteps.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { previewTimes } from "../../../../engine/train/sampleStart.ts";
import { formatCount } from "../../../../runtime/format.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { pixelsAt } from "../../../state/slices/evolution.ts";
import { numSteps } from "../../../state/slices/generation.ts";

/** The denoising of a snapshot. */
export interface Denoising {
  /** The timestep of each frame that was drawn, falling; the last is -1, the finished image. */
  times: readonly number[];
  /** Frames that were kept: the noise, and one after each denoising step or after some of them. */
  numFrames: number;
}

/** With as many steps as the snapshot's network was made for. */
export function denoisingOf(
  { step, numFrames }: Pick<Snapshot, "step" | "numFrames">,
  { config, stepsPerEpoch }: { config: RunConfig; stepsPerEpoch: number | null },
): Denoising {
  const sampled = distilledConfig(config, step, stepsPerEpoch ?? Number.POSITIVE_INFINITY);
  return { times: previewTimes(sampled), numFrames };
}

/** Frames of the axis; 0 without snapshots. */
export function axisLength(snapshots: readonly Pick<Snapshot, "numFrames">[]): number {
  return snapshots.reduce((most, { numFrames }) => Math.max(most, numFrames), 0);
}

/** The snapshot with the most frames, whose the axis is. There must be one. */
export function longest(snapshots: readonly Snapshot[]): Snapshot {
  return snapshots.reduce((most, each) => (each.numFrames > most.numFrames ? each : most));
}

/** Where frame `own` of a snapshot lies on the axis. */
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

/** `noise, t = 999`, `denoising step 3 of 10, t = 699`, `samples, t = 0`; of the snapshot's own frame. */
export function denoisingWords(frame: number, of: Denoising): string {
  const t = `t = ${formatCount(timestepAt(frame, of))}`;
  if (frame >= of.numFrames - 1) return `samples, ${t}`;
  if (frame === 0) return `noise, ${t}`;
  const step = `${formatCount(stepAt(frame, of))} of ${formatCount(numSteps(of))}`;
  return `denoising step ${step}, ${t}`;
}

/** The timestep the images of a frame are at; -1, the finished image, counts as 0. */
export function timestepAt(frame: number, of: Denoising): number {
  return Math.max(0, of.times[stepAt(frame, of)] ?? 0);
}

/** After how many denoising steps a frame was kept. */
function stepAt(frame: number, of: Denoising): number {
  return evenFrames(of.numFrames, numSteps(of))[frame] ?? numSteps(of);
}
