/** What the worker that measures does: it times a batch. */
import { messageOf } from "../../engine/messageOf.ts";
import { MEMORY_BUDGET_BYTES, microBatchSize } from "../../engine/train/memory.ts";
import { timePasses } from "../../engine/train/passTime.ts";
import { type BackendFault, compileAhead, STEPS_AHEAD } from "../../runtime/run/device.ts";
import type { BackendReport } from "../../runtime/run/events.ts";
import type { Replicas } from "../../runtime/threads/replicas.ts";
import { startBackend } from "../worker/backend.ts";
import type { BatchTimingRequest, MeasuringEvent } from "./measuringProtocol.ts";

type PostMeasuring = (event: MeasuringEvent) => void;

/**
 * Most images of a step that is timed, a thread. WebAssembly computes them one after another, so that
 * a few tell how long many take; a card computes them side by side.
 */
const MAX_IMAGES = { webgpu: Number.POSITIVE_INFINITY, wasm: 16 };

/**
 * Starts the backend and measures what is asked for on it; what it posts last is the result, or why
 * there is none.
 *
 * @param replicas train along where a batch is timed on WebAssembly
 */
export async function measure(
  request: BatchTimingRequest,
  replicas: Replicas | null,
  post: PostMeasuring,
): Promise<void> {
  try {
    post({ type: "batchTimed", batchMs: await timeBatch(request, replicas, post) });
  } catch (error) {
    post({ type: "measuringFailed", message: messageOf(error) });
  }
}

/** @returns milliseconds of a batch */
async function timeBatch(
  request: BatchTimingRequest,
  replicas: Replicas | null,
  post: PostMeasuring,
): Promise<number> {
  const { backend, config, maxMicroBatch } = request;
  await measuredBackend(request, post);
  const ready = backend === "wasm" && replicas ? await replicas.start() : [];
  const numThreads = 1 + ready.length;
  const budgetBytes = MEMORY_BUDGET_BYTES[backend] / numThreads;
  const size = microBatchSize(config, config.batchSize, backend, { budgetBytes });
  const atMost = Math.min(maxMicroBatch ?? size, MAX_IMAGES[backend]);
  const numImages = Math.min(size, numThreads * atMost);
  const passes = timePasses({
    config,
    numImages,
    replicas: ready,
    stepsAhead: STEPS_AHEAD[backend],
    compile: (rehearse) => compileAhead(rehearse, () => {}),
  });
  for (;;) {
    const { done, value } = await passes.next();
    // Of a large batch, also of one that is cut into several passes, a part: all may take minutes.
    if (done) return (value * config.batchSize) / numImages;
    post({ type: "timingProgress", fraction: value });
  }
}

/**
 * Starts the backend that is to be measured; what fails there later is posted.
 *
 * @throws Error when another backend was started, with the reason
 */
async function measuredBackend(
  { backend, fallback }: BatchTimingRequest,
  post: PostMeasuring,
): Promise<BackendReport> {
  const onFault = ({ message }: BackendFault) => post({ type: "measuringFailed", message });
  const report = await startBackend(backend, onFault, fallback);
  if (report.backend === backend) return report;
  throw new Error(`The backend ${backend} does not start here. ${report.reason ?? ""}`.trim());
}
