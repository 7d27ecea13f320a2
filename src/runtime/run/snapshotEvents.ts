/** Snapshots as events: frame by frame as a preview, and whole. */
import { evenFrames } from "../../engine/config/snapshotSteps.ts";
import { distilledConfig } from "../../engine/config/studentSteps.ts";
import { previewTimes } from "../../engine/train/sampleStart.ts";
import type { RunRecord, Snapshot } from "../storage/records.ts";
import type { Post, WorkerEvent } from "./events.ts";
import { stepsWithThoseBefore } from "./runRecorder.ts";

type Run = Pick<RunRecord, "runId" | "startedFrom" | "config">;

/** Snapshots of one message: 2 MB of the largest presets'. */
const BATCH = 16;

/** The event before the frames of a snapshot. */
export function previewStarted(
  { runId, startedFrom, config }: Run,
  of: { sampleId: string; step: number; count: number; times: readonly number[] },
): WorkerEvent {
  const { step, ...sample } = of;
  // A student learns from its first step on; those before were its teacher's.
  const isStudent = config.distilFrom > 0 && step > 0;
  return {
    type: "sampleStarted",
    ...sample,
    timesteps: of.times.length - 1,
    source: { kind: "run", runId },
    origin: "preview",
    start: "noise",
    sources: null,
    trainedSteps: isStudent ? step : stepsWithThoseBefore(startedFrom, step),
  };
}

/** @param snapshots by step, ascending; their pixels are transferred */
export function postSnapshots(post: Post, runId: string, snapshots: Snapshot[]): void {
  for (let start = 0; start < snapshots.length; start += BATCH) {
    const batch = snapshots.slice(start, start + BATCH);
    const buffers = batch.map(({ pixels }) => pixels.buffer);
    post({ type: "snapshots", runId, snapshots: batch }, buffers);
  }
}

/** Posts a stored snapshot as if it had just been drawn. */
export function replaySnapshot(
  post: Post,
  run: Run & Pick<RunRecord, "stepsPerEpoch">,
  { step, count, numFrames, pixels }: Snapshot,
): void {
  const sampleId = `stored-${run.runId}-${step}`;
  const times = previewTimes(distilledConfig(run.config, step, run.stepsPerEpoch));
  post(previewStarted(run, { sampleId, step, count, times }));
  const frameLength = pixels.length / numFrames;
  // Only some of the frames are stored, and of old snapshots only the last.
  for (const [frame, index] of evenFrames(numFrames, times.length - 1).entries()) {
    const own = pixels.slice(frame * frameLength, (frame + 1) * frameLength);
    post({ type: "sampleFrame", sampleId, index, pixels: own, x0: null }, [own.buffer]);
  }
  post({ type: "sampleDone", sampleId, elapsedMs: 0 });
}
