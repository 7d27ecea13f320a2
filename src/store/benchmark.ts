/** The page's end of the benchmark's worker, which lives as long as the benchmark. */
import type { BenchmarkFigures, BenchmarkProgress } from "../bench/figures.ts";
import type { BenchmarkEvent, BenchmarkRequest } from "../worker/protocol.ts";

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
    case "benchmarkFailed":
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
  const worker = new Worker(new URL("../worker/benchmark.ts", import.meta.url), { type: "module" });
  const tell = (event: BenchmarkEvent) => {
    const state = afterBenchmarkEvent(event);
    if (state.status !== "running") worker.terminate();
    onState(state);
  };
  worker.onmessage = ({ data }: MessageEvent<BenchmarkEvent>) => tell(data);
  worker.onerror = ({ message }) =>
    tell({ type: "benchmarkFailed", message: message || "The worker's script did not load." });
  worker.postMessage(request);
  return () => worker.terminate();
}
