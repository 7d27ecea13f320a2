/** What becomes of a run when the worker, or the device it computes on, is lost. */
import type { FaultCause } from "../../../runtime/run/events.ts";
import type { Remedy } from "../slices/notices.ts";
import type { Run } from "../slices/run.ts";

/** Restarting is tried until the device was lost so often within `LOSS_WINDOW_MS`. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 5 * 60_000;

export interface FaultHistory {
  /** What was trained, or was to be; null when nothing was. */
  run: Run | null;
  /** The run's limit so far. */
  maxMicroBatch: number | null;
  /** When the device was lost before, and now. */
  lossesMs: readonly number[];
}

export interface FaultResponse {
  title: string;
  message: string;
  /** Where there is none, the run continues by itself in a new worker. */
  remedies: Remedy[];
  /** Most images in one pass from now on; null for what memory is thought to allow. */
  maxMicroBatch: number | null;
}

/** Those losses of the device that still count. */
export function recentLosses(lossesMs: readonly number[], nowMs: number): number[] {
  return lossesMs.filter((lossMs) => nowMs - lossMs < LOSS_WINDOW_MS);
}

export function responseTo(
  { cause, message }: { cause: FaultCause; message: string },
  { run, maxMicroBatch, lossesMs }: FaultHistory,
): FaultResponse {
  const half = halved(run, maxMicroBatch);
  switch (cause) {
    case "deviceLost":
      if (lossesMs.length < MAX_LOSSES) {
        return {
          title: "The graphics device was lost",
          message: `${message} It was restarted. ${continuation(run)}`.trim(),
          remedies: [],
          maxMicroBatch,
        };
      }
      return {
        title: "The graphics device fails again and again",
        message: `${message} That was ${lossesMs.length} times within five minutes. Continue with WebAssembly, or with fewer images at once; every update stays the same.`,
        remedies: half ? ["useWasm", "halveMicroBatch"] : ["useWasm"],
        maxMicroBatch,
      };
    case "outOfMemory": {
      const title = "Memory is full";
      if (!run) {
        const advice = "Start again with fewer digits at once, or a smaller network.";
        const remedies: Remedy[] = ["restart", "useWasm"];
        return { title, message: `${message} ${advice}`, remedies, maxMicroBatch };
      }
      if (!half) {
        const advice = "There is not even room for one image at once: choose a smaller network.";
        return { title, message: `${message} ${advice}`, remedies: ["useWasm"], maxMicroBatch };
      }
      const numThreads = run.size?.numThreads ?? 1;
      const numBefore = numThreads * microBatch(run, maxMicroBatch);
      return {
        title,
        message: `${message} Now ${numThreads * half} images at once instead of ${numBefore}; every update stays the same. ${continuation(run)}`,
        remedies: [],
        maxMicroBatch: half,
      };
    }
    case "error":
      return {
        title: "Something went wrong",
        message,
        remedies: [run ? "continueRun" : "restart"],
        maxMicroBatch,
      };
    default:
      throw cause satisfies never;
  }
}

function continuation(run: Run | null): string {
  if (!run) return "";
  const { checkpointStep } = run;
  return checkpointStep > 0
    ? `The run continues from step ${checkpointStep}.`
    : "The run starts over.";
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
