/**
 * The messages between the page and the worker that measures: types only. It is a worker of its own,
 * which does the one thing it is asked for; to cancel that, end the worker.
 */
import type {
  BenchmarkFigures,
  BenchmarkProgress,
  Effort,
  SideName,
} from "../../engine/bench/figures.ts";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type { PresetName } from "../../engine/config/presets.ts";
import type { Fallback } from "../../runtime/run/events.ts";

export type MeasuringRequest = BenchmarkRequest | BatchTimingRequest;

/** What is measured is computed with `backend`, as `startBackend` starts it with `fallback`. */
interface OnBackend {
  backend: BenchmarkFigures["backend"];
  fallback?: Fallback | null;
}

export interface BenchmarkRequest extends OnBackend {
  type: "benchmark";
  preset: PresetName;
  /** Null for the preset's, or as many as fit in memory. */
  batchSize: number | null;
  effort: Effort;
  /** Both when left out. */
  sides?: readonly SideName[];
  /** What the page knows about the machine. */
  machine: string;
}

/** How long training takes a batch with these settings. */
export interface BatchTimingRequest extends OnBackend {
  type: "timeBatch";
  config: RunConfig;
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxMicroBatch: number | null;
}

export type MeasuringEvent = MeasuringBegun | BenchmarkEvent | BatchTimingEvent;

/** The worker's first: it holds its lock (`liveness.ts`), so that its end is noticed from now on. */
export interface MeasuringBegun {
  type: "measuringBegun";
}

export type BenchmarkEvent =
  | ({ type: "benchmarkProgress" } & BenchmarkProgress)
  | { type: "benchmarkDone"; figures: BenchmarkFigures }
  | MeasuringFailed;

export type BatchTimingEvent =
  /** 0 to 1. */
  | { type: "timingProgress"; fraction: number }
  | { type: "batchTimed"; batchMs: number }
  | MeasuringFailed;

export interface MeasuringFailed {
  type: "measuringFailed";
  message: string;
}
