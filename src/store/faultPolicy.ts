/** What becomes of a run when the worker, or the device it computes on, is lost. */
import type { FaultCause } from "../worker/protocol.ts";
import type { Remedy } from "./notices.ts";
import { isActive, type Run } from "./run.ts";

/** After so many losses in so long, trying once more is no help. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 5 * 60_000;

export interface Fault {
  cause: FaultCause;
  message: string;
}

export interface Recovery {
  /** Whether the run goes on by itself, in a new worker. */
  continues: boolean;
  /** Most images in one pass from now on; null for what memory is thought to allow. */
  maxMicroBatch: number | null;
  title: string;
  message: string;
  remedies: Remedy[];
}

export interface FaultHistory {
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

export function recoveryFrom(
  { cause, message }: Fault,
  { run, maxMicroBatch, lossesMs }: FaultHistory,
): Recovery {
  const trained = isActive(run) ? run : null;
  const goesOn = trained ? `The run goes on from step ${trained.checkpointStep}.` : "";
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
        remedies: [
          "useWasm",
          ...(halved(trained, maxMicroBatch) ? ["halveMicroBatch" as const] : []),
        ],
      };
    }
    case "outOfMemory": {
      const half = halved(trained, maxMicroBatch);
      if (!trained || !half) {
        return {
          ...{ continues: false, maxMicroBatch, title: "Memory is full", remedies: ["useWasm"] },
          message: `${message} There is not even room for one image at once: choose a smaller network.`,
        };
      }
      return {
        continues: true,
        maxMicroBatch: half,
        title: "Memory is full",
        message: `${message} Now ${half} images at once instead of ${trained.size?.microBatchSize}; every update stays the same. ${goesOn}`,
        remedies: [],
      };
    }
    case "error":
      return {
        ...{ continues: false, maxMicroBatch, title: "Something went wrong", message },
        remedies: [trained ? "continueRun" : "restart"],
      };
    default:
      throw cause satisfies never;
  }
}

/** Half as many images in a pass as the run has now; null when it has one. */
export function halved(run: Run | null, maxMicroBatch: number | null): number | null {
  const size = run?.size?.microBatchSize ?? maxMicroBatch;
  if (!size || size < 2) return null;
  return Math.floor(size / 2);
}
