/** The snapshots of the run that is shown: the same noise, denoised by its weights as they changed. */
import type { EventOf, Snapshot } from "../../../runtime/run/events.ts";
import type { Cursor } from "./cursor.ts";
import type { SamplesState } from "./samples.ts";

export interface EvolutionState {
  /** Null before the first run. */
  runId: string | null;
  /** All that were drawn, by step, ascending, each step once: `isSnapshotStep` decides at which steps. */
  snapshots: readonly Snapshot[];
}

export const NO_EVOLUTION: EvolutionState = { runId: null, snapshots: [] };

/** The state of a run before its snapshots come. */
export function evolutionOf(runId: string): EvolutionState {
  return { ...NO_EVOLUTION, runId };
}

/** A snapshot replaces one of the same step: the run was resumed from before it. */
export function addSnapshots(
  evolution: EvolutionState,
  { runId, snapshots }: EventOf<"snapshots">,
): EvolutionState {
  const before = evolution.runId === runId ? evolution.snapshots : [];
  const byStep = new Map([...before, ...snapshots].map((snapshot) => [snapshot.step, snapshot]));
  return { runId, snapshots: [...byStep.values()].sort((a, b) => a.step - b.step) };
}

/** The newest snapshot up to a step, else the first; null where there is none. */
export function snapshotAt(snapshots: readonly Snapshot[], step: number): Snapshot | null {
  return snapshots.findLast((snapshot) => snapshot.step <= step) ?? snapshots[0] ?? null;
}

/** `[count, 28, 28]` of a snapshot at one of its frames, 0 the noise. */
export function pixelsAt({ pixels, numFrames }: Snapshot, frame: number): Uint8Array {
  const numPixels = pixels.length / numFrames;
  return pixels.subarray(frame * numPixels, (frame + 1) * numPixels);
}

/** The snapshot that the preview shows while somebody points at the loss; else null. */
export function pointedSnapshot(state: {
  cursor: Cursor;
  evolution: EvolutionState;
  samples: SamplesState;
}): Snapshot | null {
  const { cursor, evolution, samples } = state;
  if (cursor.pointed === null || samples.view !== "preview") return null;
  return snapshotAt(evolution.snapshots, cursor.pointed);
}
