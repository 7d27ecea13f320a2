/** The worker in which the benchmark runs in a browser, as training does on the page. */
import { messageOf } from "../../../src/engine/messageOf.ts";
import { type BenchmarkRequest, runBenchmark } from "./benchmark.ts";
import type { BenchmarkFigures, BenchmarkProgress } from "./figures.ts";

export type BenchmarkEvent =
  | ({ type: "progress" } & BenchmarkProgress)
  | { type: "done"; figures: BenchmarkFigures }
  | { type: "failed"; message: string };

const post = (event: BenchmarkEvent) => self.postMessage(event);
const fail = (message: string) => post({ type: "failed", message });

self.onmessage = ({ data }: MessageEvent<BenchmarkRequest>) => {
  runBenchmark(data, (progress) => post({ type: "progress", ...progress }), fail).then(
    (figures) => post({ type: "done", figures }),
    (error) => fail(messageOf(error)),
  );
};
// An error of the device that no call waited for comes out of order.
self.onunhandledrejection = ({ reason }) => fail(messageOf(reason));
