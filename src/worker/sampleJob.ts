import { messageOf } from "../messageOf.ts";
import type { Denoiser } from "../train/gradient.ts";
import type { SampleStart } from "../train/sampleStart.ts";
import { DigitSampler } from "../train/sampling.ts";
import type { NetworkSource, Post, SampleRequest } from "./protocol.ts";

export interface SampleJobOptions {
  request: SampleRequest;
  denoiser: Denoiser;
  start: SampleStart;
  /** What it is between, or of; null from noise. */
  sources: Uint8Array | null;
  source: NetworkSource;
  trainedSteps: number | null;
  /** Most images in one forward pass. */
  chunkSize: number;
  post: Post;
}

/** Digits that a person asked for, on their way, told to the page frame by frame. */
export class SampleJob {
  readonly sampleId: string;
  isDone = false;
  readonly #post: Post;
  readonly #sampler: DigitSampler;
  #elapsedMs = 0;

  constructor(options: SampleJobOptions) {
    const { request, denoiser, chunkSize, start, post, ...from } = options;
    const { sampleId, count, sampler, seed, givesX0 } = request;
    this.sampleId = sampleId;
    this.#post = post;
    this.#sampler = new DigitSampler({
      ...{ denoiser, count, sampler, seed, chunkSize, start, givesX0 },
    });
    const { times, numSteps: timesteps } = this.#sampler;
    post({
      ...{ type: "sampleStarted", origin: "person", sampleId, count, timesteps, times, ...from },
      start: request.start.kind,
    });
  }

  /** Frames until `sliceMs` have passed, at least one. */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    const { sampleId } = this;
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
    this.#post({ type: "sampleCancelled", sampleId: this.sampleId });
  }

  #end(): void {
    this.isDone = true;
    this.#sampler.dispose();
  }
}
