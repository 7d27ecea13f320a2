/** The entry of the worker that measures. */
import { messageOf } from "../../engine/messageOf.ts";
import { holdUntilEnd } from "../../runtime/threads/liveness.ts";
import { replicasInWorkers } from "../worker/replicaThread.ts";
import { measure } from "./measuringJob.ts";
import type { BatchTimingRequest, MeasuringEvent } from "./measuringProtocol.ts";

const post = (event: MeasuringEvent) => self.postMessage(event);

self.onmessage = async ({ data }: MessageEvent<BatchTimingRequest>) => {
  await holdUntilEnd(self.name);
  post({ type: "measuringBegun" });
  await measure(data, replicasInWorkers(), post);
};
// Out of order, such as an error of the device that no call waited for.
self.onunhandledrejection = ({ reason }) =>
  post({ type: "measuringFailed", message: messageOf(reason) });
