import { useEffect, useState } from "react";
import type { BenchmarkFigures } from "../bench/figures.ts";
import { type BenchmarkState, RUNNING, startBenchmark } from "../store/benchmark.ts";
import type { BenchmarkRequest } from "../worker/measuringProtocol.ts";

/**
 * Runs the benchmark that is asked for; another request, null, or the end of the component cancels it.
 *
 * @param request the same object until another benchmark is wanted
 * @param onFigures must be the same function at every render
 */
export function useBenchmark(
  request: BenchmarkRequest | null,
  onFigures: (figures: BenchmarkFigures) => void,
): BenchmarkState {
  const [state, setState] = useState<BenchmarkState>(RUNNING);
  useEffect(() => {
    if (!request) return;
    setState(RUNNING);
    return startBenchmark(request, (next) => {
      setState(next);
      if (next.status === "done") onFigures(next.figures);
    });
  }, [request, onFigures]);
  return state;
}
