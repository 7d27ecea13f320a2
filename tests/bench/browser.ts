/** The browser's side of `npm run bench`: the benchmark as the page runs it. */

import { type BenchmarkState, startBenchmark } from "../../src/app/features/benchmark/benchmark.ts";
import type { BenchmarkProgress } from "../../src/engine/bench/figures.ts";
import type { BenchmarkRequest } from "../../src/hosts/measuring/measuringProtocol.ts";

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
