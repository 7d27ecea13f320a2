/** The entry of the worker that measures. */
import { messageOf } from "../messageOf.ts";
import { timeBatch } from "./batchTimingJob.ts";
import { runBenchmark } from "./benchmarkJob.ts";
import type { MeasuringEvent, MeasuringRequest } from "./measuringProtocol.ts";
import { replicasInWorkers } from "./replicaThread.ts";

function post(event: MeasuringEvent): void {
  self.postMessage(event);
}

function measure(request: MeasuringRequest): Promise<void> {
  switch (request.type) {
    case "benchmark":
      return runBenchmark(request, post);
    case "timeBatch":
      return timeBatch(request, replicasInWorkers(), post);
    default:
      throw request satisfies never;
  }
}

self.onmessage = ({ data }: MessageEvent<MeasuringRequest>) => measure(data);
// Out of order, such as an error of the device that no call waited for.
self.onunhandledrejection = ({ reason }) =>
  post({ type: "measuringFailed", message: messageOf(reason) });
