import type { Dataset } from "../../engine/data/dataset.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { DigitSampler } from "../../engine/train/digitSampler.ts";
import { microBatchSize } from "../../engine/train/memory.ts";
import type { BackendReport, Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import type { SampleRequest } from "../../runtime/run/samplingProtocol.ts";
import { sampleStart } from "./sampleStart.ts";

export interface SampleJobOptions {
  request: SampleRequest;
  network: Network;
  /** Where the two images come from that a request may be between. */
  dataset: Dataset | null;
  backend: BackendReport["backend"];
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxChunk: number | null;
  post: Post;
}

/** Draws the digits of a request and posts them frame by frame. */
export class SampleJob {
  readonly id: string;
  isDone = false;
  readonly #post: Post;
  readonly #sampler: DigitSampler;
  #elapsedMs = 0;

  constructor({ request, network, dataset, backend, maxChunk, post }: SampleJobOptions) {
    const { sampleId, count, sampler, seed, condition, givesX0 } = request;
    const { source, config, trainedSteps } = network;
    const { start, sources } = sampleStart(request, { dataset, config });
    const chunkSize = Math.min(microBatchSize(config, count, backend), maxChunk ?? count);
    this.id = sampleId;
    this.#post = post;
    const denoiser = network.denoiser(request.weights);
    try {
      const options = { count, sampler, seed, start, condition, givesX0 };
      this.#sampler = new DigitSampler({ denoiser, chunkSize, ...options });
    } finally {
      denoiser.values.dispose(); // The sampler has copied them.
    }
    const { times, numSteps: timesteps } = this.#sampler;
    const sample = { sampleId, count, timesteps, times, source, sources, trainedSteps };
    post({ type: "sampleStarted", origin: "person", ...sample, start: request.start.kind });
  }

  /** Frames until `sliceMs` have passed, at least one. */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    const { id: sampleId } = this;
    try {
      do {
        const frame = await this.#sampler.nextFrame();
        const buffers = frame.x0 ? [frame.pixels.buffer, frame.x0.buffer] : [frame.pixels.buffer];
        this.#post({ type: "sampleFrame", sampleId, ...frame }, buffers);
      } while (!this.#sampler.isDone && performance.now() - startMs < sliceMs);
      this.#elapsedMs += performance.now() - startMs;
      if (!this.#sampler.isDone) return;
      this.#end();
      this.#post({ type: "sampleDone", sampleId, elapsedMs: this.#elapsedMs });
    } catch (error) {
      this.#end();
      this.#post({ type: "sampleFailed", sampleId, message: messageOf(error) });
    }
  }

  cancel(): void {
    this.#end();
    this.#post({ type: "sampleCancelled", sampleId: this.id });
  }

  #end(): void {
    this.isDone = true;
    this.#sampler.dispose();
  }
}
