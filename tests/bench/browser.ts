/** The browser's side of `npm run bench`. */
import type { BenchmarkRequest } from "./stock/benchmark.ts";
import type { BenchmarkFigures, BenchmarkProgress } from "./stock/figures.ts";
import type { BenchmarkEvent } from "./stock/worker.ts";

declare global {
  interface Window {
    benchmark: typeof runInWorker;
    /** Given by the command. */
    tellProgress(progress: BenchmarkProgress): void;
  }
}

/** @throws Error with what the worker said */
function runInWorker(request: BenchmarkRequest): Promise<BenchmarkFigures> {
  const worker = new Worker(new URL("./stock/worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<BenchmarkEvent>) => {
      if (data.type === "progress") window.tellProgress(data);
      else if (data.type === "done") resolve(data.figures);
      else reject(new Error(data.message));
    };
    worker.onerror = ({ message }) => reject(new Error(message || "The worker did not load."));
    worker.postMessage(request);
  });
}

window.benchmark = runInWorker;
