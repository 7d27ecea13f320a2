/** What becomes of a run when the worker, or the device it computes on, is lost. */
import type { FaultCause } from "../../../runtime/run/events.ts";
import type { Remedy } from "../slices/notices.ts";
import type { Run } from "../slices/run.ts";

/** After so many losses in so long, trying once more is no help. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 5 * 60_000;

export interface Fault {
  cause: FaultCause;
  message: string;
}

export interface FaultResponse {
  /** Whether the run goes on by itself, in a new worker. */
  continues: boolean;
  /** Most images in one pass from now on; null for what memory is thought to allow. */
  maxMicroBatch: number | null;
  title: string;
  message: string;
  remedies: Remedy[];
}

export interface FaultHistory {
  /** What was trained, or was to be; null when nothing was. */
  run: Run | null;
  /** The run's limit so far. */
  maxMicroBatch: number | null;
  /** When the device was lost before, and now. */
  lossesMs: readonly number[];
}

/** Those losses of the device that still count. */
export function recentLosses(lossesMs: readonly number[], nowMs: number): number[] {
  return lossesMs.filter((lossMs) => nowMs - lossMs < LOSS_WINDOW_MS);
}

export function responseTo(
  { cause, message }: Fault,
  { run, maxMicroBatch, lossesMs }: FaultHistory,
): FaultResponse {
  const goesOn = run ? goingOn(run) : "";
  switch (cause) {
    case "deviceLost": {
      if (lossesMs.length < MAX_LOSSES) {
        const text = `${message} It was started anew. ${goesOn}`.trim();
        const title = "The graphics device was lost";
        return { continues: true, maxMicroBatch, title, message: text, remedies: [] };
      }
      return {
        continues: false,
        maxMicroBatch,
        title: "The graphics device is lost again and again",
        message: `${message} That was ${lossesMs.length} times within five minutes. Go on without it, or with fewer images at once; every update stays the same.`,
        remedies: ["useWasm", ...(halved(run, maxMicroBatch) ? ["halveMicroBatch" as const] : [])],
      };
    }
    case "outOfMemory": {
      if (!run) {
        return {
          continues: false,
          maxMicroBatch,
          title: "Memory is full",
          message: `${message} Start again with fewer digits at once, or a smaller network.`,
          remedies: ["restart", "useWasm"],
        };
      }
      const half = halved(run, maxMicroBatch);
      const numThreads = run.size?.numThreads ?? 1;
      if (!half) {
        return {
          continues: false,
          maxMicroBatch,
          title: "Memory is full",
          remedies: ["useWasm"],
          message: `${message} There is not even room for one image at once: choose a smaller network.`,
        };
      }
      return {
        continues: true,
        maxMicroBatch: half,
        title: "Memory is full",
        message: `${message} Now ${numThreads * half} images at once instead of ${numThreads * microBatch(run, maxMicroBatch)}; every update stays the same. ${goesOn}`,
        remedies: [],
      };
    }
    case "error":
      return {
        continues: false,
        maxMicroBatch,
        title: "Something went wrong",
        message,
        remedies: [run ? "continueRun" : "restart"],
      };
    default:
      throw cause satisfies never;
  }
}

function goingOn({ checkpointStep }: Run): string {
  return checkpointStep > 0
    ? `The run goes on from step ${checkpointStep}.`
    : "The run begins again.";
}

/** Half as many images in a pass as the run has now; null when it has one. */
export function halved(run: Run | null, maxMicroBatch: number | null): number | null {
  const size = run && microBatch(run, maxMicroBatch);
  return size && size >= 2 ? Math.floor(size / 2) : null;
}

/** Images in a pass of the run; a stored one is thought to take its batch whole until it starts. */
function microBatch({ size, config }: Run, maxMicroBatch: number | null): number {
  const most = maxMicroBatch ?? Number.POSITIVE_INFINITY;
  return Math.min(size?.microBatchSize ?? config.batchSize, most);
}
