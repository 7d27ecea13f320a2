import { frameStride } from "../../engine/config/sampling.ts";
import type { Dataset } from "../../engine/data/dataset.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { DigitSampler, type SampleFrame } from "../../engine/train/digitSampler.ts";
import { FramesInFlight } from "../../engine/train/framesInFlight.ts";
import { microBatchSize } from "../../engine/train/memory.ts";
import type { BackendReport, Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import type { SampleRequest } from "../../runtime/run/samplingProtocol.ts";
import { requestedStart } from "./requestedStart.ts";

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

/** Draws the digits of a request and posts their frames, one by one or some together. */
export class SampleJob {
  readonly id: string;
  isDone = false;
  readonly #post: Post;
  readonly #sampler: DigitSampler;
  readonly #frames: FramesInFlight;
  #elapsedMs = 0;

  constructor({ request, network, dataset, backend, maxChunk, post }: SampleJobOptions) {
    const { sampleId, count, sampler, seed, condition, givesX0 } = request;
    const { source, config, trainedSteps } = network;
    const { start, sources } = requestedStart(request, { dataset, config });
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
    const stride = frameStride(timesteps, count);
    // The page keeps these; where it asks for x_0, it tells from all frames how much each step changes.
    const isWanted = (index: number) => givesX0 === true || index % stride === 0;
    this.#frames = new FramesInFlight(this.#sampler, isWanted);
    const sample = { sampleId, count, timesteps, times, source, sources, trainedSteps };
    post({ type: "sampleStarted", origin: "person", ...sample, start: request.start.kind });
  }

  /** Whether the device has all of it, and only reading it is left, for which nothing else need wait. */
  get isFullyQueued(): boolean {
    return this.#frames.isFullyQueued;
  }

  /**
   * Draws frames for `sliceMs`, at least one group of them. Once a graphics card has been given all the work that is left,
   * this returns early, and the frames are read and posted as they become ready.
   */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    do {
      const frames = this.#frames.next();
      if (this.isFullyQueued) {
        void this.#finish(frames, startMs);
        return;
      }
      await this.#take(frames);
    } while (this.#goesOn && performance.now() - startMs < sliceMs);
    this.#elapsedMs += performance.now() - startMs;
    if (!this.#goesOn) this.#complete();
  }

  async #finish(first: Promise<SampleFrame[]>, startMs: number): Promise<void> {
    await this.#take(first);
    while (this.#goesOn) await this.#take(this.#frames.next());
    this.#elapsedMs += performance.now() - startMs;
    this.#complete();
  }

  get #goesOn(): boolean {
    return !this.isDone && !this.#frames.isDone;
  }

  /** Unless it has ended otherwise. */
  #complete(): void {
    if (this.isDone) return;
    this.#end();
    this.#post({ type: "sampleDone", sampleId: this.id, elapsedMs: this.#elapsedMs });
  }

  async #take(reading: Promise<SampleFrame[]>): Promise<void> {
    try {
      for (const frame of await reading) {
        if (this.isDone) return;
        const buffers = frame.x0 ? [frame.pixels.buffer, frame.x0.buffer] : [frame.pixels.buffer];
        this.#post({ type: "sampleFrame", sampleId: this.id, ...frame }, buffers);
      }
    } catch (error) {
      if (this.isDone) return;
      this.#end();
      this.#post({ type: "sampleFailed", sampleId: this.id, message: messageOf(error) });
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
