import { messageOf } from "../messageOf.ts";
import type { Denoiser } from "../train/gradient.ts";
import type { SampleStart } from "../train/sampleStart.ts";
import { DigitSampler } from "../train/sampling.ts";
import type { NetworkSource, Post, SampleRequest } from "./protocol.ts";

export interface SampleJobOptions {
  request: SampleRequest;
  origin: "person" | "preview";
  denoiser: Denoiser;
  start: SampleStart;
  /** What it is between, or of; null from noise. */
  sources: Uint8Array | null;
  source: NetworkSource;
  trainedSteps: number | null;
  /** Most images in one forward pass. */
  chunkSize: number;
  /** Called with the digits at their end, `[count, 28, 28]`. */
  onDone?: ((pixels: Uint8Array<ArrayBuffer>) => void) | undefined;
  post: Post;
}

/** A generation of digits on its way, told to the page frame by frame. */
export class SampleJob {
  readonly sampleId: string;
  readonly origin: "person" | "preview";
  isDone = false;
  readonly #post: Post;
  readonly #sampler: DigitSampler;
  readonly #onDone: SampleJobOptions["onDone"];
  #elapsedMs = 0;

  constructor(options: SampleJobOptions) {
    const { request, denoiser, chunkSize, start, onDone, post, ...origin } = options;
    const { sampleId, count, sampler, seed, givesX0 } = request;
    this.sampleId = sampleId;
    this.origin = origin.origin;
    this.#post = post;
    this.#onDone = onDone;
    this.#sampler = new DigitSampler({
      ...{ denoiser, count, sampler, seed, chunkSize, start, givesX0 },
    });
    const { times, numSteps: timesteps } = this.#sampler;
    post({
      ...{ type: "sampleStarted", sampleId, count, timesteps, times, ...origin },
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
        // Before the page gets it: what is transferred is gone here.
        if (this.#sampler.isDone) this.#onDone?.(frame.pixels.slice());
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
