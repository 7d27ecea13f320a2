/** The benchmark as the page knows it. */
import type { BenchmarkFigures, BenchmarkProgress } from "../../../engine/bench/figures.ts";
import type {
  BenchmarkEvent,
  BenchmarkRequest,
} from "../../../hosts/measuring/measuringProtocol.ts";
import { startMeasuring } from "../../state/client/workers.ts";

export type BenchmarkState =
  | { status: "running"; progress: BenchmarkProgress | null }
  | { status: "done"; figures: BenchmarkFigures }
  | { status: "failed"; message: string };

/** Until the worker's first word. */
export const RUNNING: BenchmarkState = { status: "running", progress: null };

/** The state after one word of the worker. */
export function afterBenchmarkEvent(event: BenchmarkEvent): BenchmarkState {
  switch (event.type) {
    case "benchmarkProgress": {
      const { doing, fraction } = event;
      return { status: "running", progress: { doing, fraction } };
    }
    case "benchmarkDone":
      return { status: "done", figures: event.figures };
    case "measuringFailed":
      return { status: "failed", message: event.message };
    default:
      throw event satisfies never;
  }
}

/**
 * Measures this device.
 *
 * @param onState called with every new state; not after the last one, nor after a cancel
 * @returns cancels it at once, and frees all that it holds
 */
export function startBenchmark(
  request: BenchmarkRequest,
  onState: (state: BenchmarkState) => void,
): () => void {
  return startMeasuring<BenchmarkEvent>(request, (event) => onState(afterBenchmarkEvent(event)));
}
