import type { Dataset } from "../../engine/data/dataset.ts";
import { messageOf } from "../../engine/messageOf.ts";
import type { LevelsMeasured } from "../../engine/quality/noiseLevels.ts";
import type { Denoiser } from "../../engine/train/gradient.ts";
import { microBatchSize } from "../../engine/train/memory.ts";
import type { BackendReport, Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import { unseenImages } from "./requestedStart.ts";

/** Images in one forward pass, where memory allows. */
const CHUNK = 50;

interface LevelsJobOptions {
  id: string;
  network: Network;
  dataset: Dataset;
  backend: BackendReport["backend"];
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxChunk: number | null;
  post: Post;
}

/** Measures what a network of one noise level does at several, a slice at a time. */
export class LevelsJob {
  readonly id: string;
  isDone = false;
  readonly #options: LevelsJobOptions;
  readonly #denoiser: Denoiser;
  readonly #work: AsyncGenerator<void, LevelsMeasured>;

  constructor(options: LevelsJobOptions) {
    this.#options = options;
    this.id = options.id;
    this.#denoiser = options.network.denoiser("ema");
    this.#work = measure(options, this.#denoiser);
  }

  /** Goes on until `sliceMs` have passed, or a little longer. */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    const { post, network } = this.#options;
    const { id: requestId } = this;
    try {
      do {
        const { done, value } = await this.#work.next();
        // Cancelled meanwhile.
        if (this.isDone) return;
        if (!done) continue;
        this.#end();
        const { trainedSteps } = network;
        return post({ type: "levelsMeasured", requestId, trainedSteps, ...value });
      } while (performance.now() - startMs < sliceMs);
    } catch (error) {
      this.#end();
      post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async cancel(): Promise<void> {
    this.#end();
    this.#options.post({ type: "requestCancelled", requestId: this.id });
  }

  #end(): void {
    this.isDone = true;
    this.#denoiser.values.dispose();
  }
}

async function* measure(
  { network, dataset, backend, maxChunk }: LevelsJobOptions,
  denoiser: Denoiser,
): AsyncGenerator<void, LevelsMeasured> {
  // Loaded only where somebody has such a network.
  const { measureLevels } = await import("../../engine/quality/noiseLevels.ts");
  return yield* measureLevels({
    denoiser,
    trainedSigma: network.config.noiseSigma,
    train: dataset.train,
    unseen: unseenImages(dataset),
    chunkSize: Math.min(microBatchSize(network.config, CHUNK, backend), maxChunk ?? CHUNK),
  });
}
