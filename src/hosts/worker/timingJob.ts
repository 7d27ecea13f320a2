import { messageOf } from "../../engine/messageOf.ts";
import { MEMORY_BUDGET_BYTES, microBatchSize } from "../../engine/train/memory.ts";
import { timePasses } from "../../engine/train/passTime.ts";
import { compileAhead, STEPS_AHEAD } from "../../runtime/run/device.ts";
import type { BackendReport, Post } from "../../runtime/run/events.ts";
import type { Replicas } from "../../runtime/threads/replicas.ts";
import type { CommandOf } from "./protocol.ts";

/**
 * Most images of a step that is timed, a thread. WebAssembly computes them one after another, so that
 * a few tell how long many take; a card computes them side by side.
 */
const MAX_IMAGES = { webgpu: Number.POSITIVE_INFINITY, wasm: 16 };

interface TimingJobOptions {
  request: CommandOf<"timeBatch">;
  backend: BackendReport["backend"];
  /** Train along on WebAssembly. A run that is paused has others, which it needs as they are. */
  replicas: Replicas | null;
  post: Post;
}

/** Measures how long training takes a batch, a slice at a time. No run is changed. */
export class TimingJob {
  readonly id: string;
  isDone = false;
  readonly #options: TimingJobOptions;
  readonly #work: AsyncGenerator<number, number>;

  constructor(options: TimingJobOptions) {
    this.#options = options;
    this.id = options.request.requestId;
    this.#work = timeBatch(options);
  }

  /** Goes on until `sliceMs` have passed, or as long as one step takes. */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    const { post } = this.#options;
    const { id: requestId } = this;
    try {
      do {
        const { done, value } = await this.#work.next();
        if (done) {
          this.isDone = true;
          return post({ type: "batchTimed", requestId, batchMs: value });
        }
        post({ type: "timingProgress", requestId, fraction: value });
      } while (performance.now() - startMs < sliceMs);
    } catch (error) {
      this.isDone = true;
      post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async cancel(): Promise<void> {
    this.isDone = true;
    await this.#work.return(Number.NaN);
    this.#options.post({ type: "requestCancelled", requestId: this.id });
  }
}

/** @returns milliseconds of a batch; yields how far it is, 0 to 1 */
async function* timeBatch({
  request: { config, maxMicroBatch },
  backend,
  replicas,
}: TimingJobOptions): AsyncGenerator<number, number> {
  try {
    const ready = backend === "wasm" && replicas ? await replicas.start() : [];
    const numThreads = 1 + ready.length;
    const budgetBytes = MEMORY_BUDGET_BYTES[backend] / numThreads;
    const size = microBatchSize(config, config.batchSize, backend, { budgetBytes });
    const atMost = Math.min(maxMicroBatch ?? size, MAX_IMAGES[backend]);
    const numImages = Math.min(size, numThreads * atMost);
    const passMs = yield* timePasses({
      config,
      numImages,
      replicas: ready,
      stepsAhead: STEPS_AHEAD[backend],
      compile: (rehearse) => compileAhead(rehearse, () => {}),
    });
    // A part of a large batch is timed, also of one that is cut into several passes: all may take minutes.
    return (passMs * config.batchSize) / numImages;
  } finally {
    replicas?.end();
  }
}
