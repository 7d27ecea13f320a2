/**
 * The messages between the page and the worker that measures: types only. It is a worker of its own,
 * which does the one thing it is asked for; to cancel that, end the worker.
 */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type { BackendReport, Fallback } from "../../runtime/run/events.ts";

/** How long training takes a batch with these settings. */
export interface BatchTimingRequest {
  type: "timeBatch";
  /** Computed on, as `startBackend` starts it with `fallback`. */
  backend: BackendReport["backend"];
  fallback?: Fallback | null;
  config: RunConfig;
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxMicroBatch: number | null;
}

export type MeasuringEvent = MeasuringBegun | BatchTimingEvent;

/** The worker's first: it holds its lock (`liveness.ts`), so that its end is noticed from now on. */
interface MeasuringBegun {
  type: "measuringBegun";
}

export type BatchTimingEvent =
  /** 0 to 1. */
  | { type: "timingProgress"; fraction: number }
  | { type: "batchTimed"; batchMs: number }
  | { type: "measuringFailed"; message: string };
