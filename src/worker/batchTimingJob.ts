import { timePasses } from "../bench/passTime.ts";
import { messageOf } from "../messageOf.ts";
import { MEMORY_BUDGET_BYTES, microBatchSize } from "../train/memory.ts";
import { compileAhead } from "./backend.ts";
import { measuredBackend } from "./measuredBackend.ts";
import type { BatchTimingEvent, BatchTimingRequest } from "./measuringProtocol.ts";
import type { BackendReport } from "./protocol.ts";
import type { Replicas } from "./replicas.ts";
import { STEPS_AHEAD } from "./stepsAhead.ts";

/**
 * Most images of a step that is timed, a thread. WebAssembly computes them one after another, so that
 * a few tell how long many take; a card computes them side by side.
 */
const MAX_IMAGES: Record<BackendReport["backend"], number> = {
  webgpu: Number.POSITIVE_INFINITY,
  wasm: 16,
};

/**
 * Starts the backend and times training on it, as a run would train, beside any run; what it posts
 * last is timed or failed.
 */
export async function timeBatch(
  request: BatchTimingRequest,
  replicas: Replicas | null,
  post: (event: BatchTimingEvent) => void,
): Promise<void> {
  try {
    post({ type: "batchTimed", batchMs: await measure(request, replicas, post) });
  } catch (error) {
    post({ type: "measuringFailed", message: messageOf(error) });
  }
}

/** @returns milliseconds of a batch */
async function measure(
  { backend, config, maxMicroBatch }: BatchTimingRequest,
  replicas: Replicas | null,
  post: (event: BatchTimingEvent) => void,
): Promise<number> {
  await measuredBackend(backend, post);
  const ready = backend === "wasm" && replicas ? await replicas.start() : [];
  const numThreads = 1 + ready.length;
  const budgetBytes = MEMORY_BUDGET_BYTES[backend] / numThreads;
  const size = microBatchSize(config, config.batchSize, backend, { budgetBytes });
  const atMost = Math.min(maxMicroBatch ?? size, MAX_IMAGES[backend]);
  const numImages = Math.min(size, numThreads * atMost);
  const passes = timePasses({
    ...{ config, numImages, replicas: ready, stepsAhead: STEPS_AHEAD[backend] },
    compile: (rehearse) => compileAhead(rehearse, () => {}),
  });
  for (;;) {
    const { done, value } = await passes.next();
    // Of a large batch, also of one that is cut into several passes, a part: all may take minutes.
    if (done) return (value * config.batchSize) / numImages;
    post({ type: "timingProgress", fraction: value });
  }
}
