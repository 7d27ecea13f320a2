import type { NamedDataset } from "../../engine/data/dataset.ts";
import { messageOf } from "../../engine/messageOf.ts";
import type { ClassifierFile } from "../../engine/quality/classifierFile.ts";
import type { Post } from "../../runtime/run/events.ts";
import { type QualityMeters, readerAbout } from "./qualityMeters.ts";

interface ReaderJobOptions {
  requestId: string;
  dataset: NamedDataset;
  /** They use the reader once it is trained. */
  meters: QualityMeters;
  post: Post;
}

/** Trains the reader of a dataset's images, a slice at a time. */
export class ReaderJob {
  readonly id: string;
  isDone = false;
  readonly #options: ReaderJobOptions;
  readonly #work: AsyncGenerator<number, ClassifierFile>;

  constructor(options: ReaderJobOptions) {
    this.id = options.requestId;
    this.#options = options;
    this.#work = training(options.dataset);
  }

  /** Goes on until `sliceMs` have passed, or a little longer. */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    const { post, meters, dataset } = this.#options;
    const { id: requestId } = this;
    try {
      do {
        const { done, value } = await this.#work.next();
        // Cancelled meanwhile.
        if (this.isDone) return;
        if (done) {
          const reader = await meters.use(dataset, value);
          this.isDone = true;
          return post({ type: "readerTrained", requestId, reader });
        }
        post({ type: "readerProgress", requestId, fraction: value });
      } while (performance.now() - startMs < sliceMs);
    } catch (error) {
      await this.#end();
      post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async cancel(): Promise<void> {
    const { id: requestId } = this;
    await this.#end();
    this.#options.post({ type: "requestCancelled", requestId });
  }

  async #end(): Promise<void> {
    this.isDone = true;
    await this.#work.return(undefined as never);
  }
}

async function* training(dataset: NamedDataset): AsyncGenerator<number, ClassifierFile> {
  // Most visitors never need one.
  const { trainReader } = await import("../../engine/quality/readerTraining.ts");
  return yield* trainReader(dataset, readerAbout(dataset));
}
