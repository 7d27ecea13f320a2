/** The browser's side of `npm run bench`: the benchmark as the page runs it. */

import type { BenchmarkProgress } from "../../src/bench/figures.ts";
import { type BenchmarkState, startBenchmark } from "../../src/store/benchmark.ts";
import type { BenchmarkRequest } from "../../src/worker/measuringProtocol.ts";

declare global {
  interface Window {
    benchmark: typeof runBenchmark;
    /** Given by the command. */
    tellProgress(progress: BenchmarkProgress | null): void;
  }
}

function runBenchmark(request: BenchmarkRequest): Promise<BenchmarkState> {
  return new Promise((resolve) => {
    startBenchmark(request, (state) => {
      if (state.status !== "running") resolve(state);
      else window.tellProgress(state.progress);
    });
  });
}

window.benchmark = runBenchmark;
