/** The browser's side of `npm run bench`: the benchmark as the page runs it. */

import { startMeasuring } from "../../src/app/state/client/workers.ts";
import type { BenchmarkProgress } from "../../src/engine/bench/figures.ts";
import type {
  BenchmarkEvent,
  BenchmarkRequest,
} from "../../src/hosts/measuring/measuringProtocol.ts";

declare global {
  interface Window {
    benchmark: typeof runBenchmark;
    /** Given by the command. */
    tellProgress(progress: BenchmarkProgress): void;
  }
}

function runBenchmark(request: BenchmarkRequest): Promise<BenchmarkEvent> {
  return new Promise((resolve) => {
    startMeasuring<BenchmarkEvent>(request, (event) => {
      if (event.type === "benchmarkProgress") window.tellProgress(event);
      else resolve(event);
    });
  });
}

window.benchmark = runBenchmark;
