/** The entry of the benchmark's worker. */
import { messageOf } from "../messageOf.ts";
import { runBenchmark } from "./benchmarkJob.ts";
import type { BenchmarkEvent, BenchmarkRequest } from "./protocol.ts";

function post(event: BenchmarkEvent): void {
  self.postMessage(event);
}

self.onmessage = ({ data }: MessageEvent<BenchmarkRequest>) => runBenchmark(data, post);
// Out of order, such as an error of the device that no call waited for.
self.onunhandledrejection = ({ reason }) =>
  post({ type: "benchmarkFailed", message: messageOf(reason) });
