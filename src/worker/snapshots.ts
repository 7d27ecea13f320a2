import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import { samplerOf } from "../config/sampler.ts";
import { isSnapshotStep, SNAPSHOT } from "../config/snapshots.ts";
import { messageOf } from "../messageOf.ts";
import type { Snapshot } from "../storage/records.ts";
import type { Denoiser } from "../train/gradient.ts";
import { DigitSampler } from "../train/sampling.ts";
import type { Post } from "./protocol.ts";
import type { RunIdentity } from "./runRecorder.ts";
import { previewStarted, tellSnapshots } from "./tellSnapshots.ts";

export interface SnapshotsOptions {
  identity: RunIdentity;
  stepsPerEpoch: number;
  /** Of which steps there are some, where the run goes on. */
  drawnSteps: readonly number[];
  /** Most images in one forward pass. */
  chunkSize: number;
  onDrawn: (snapshot: Snapshot) => void;
  post: Post;
}

/** One that is drawn; its pixels come frame by frame. */
interface Drawing {
  sampleId: string;
  sampler: DigitSampler;
  snapshot: Omit<Snapshot, "wallTimeMs">;
  elapsedMs: number;
}

/**
 * Draws the snapshots of a run while it trains, a frame at a time, told to the page as they come. One
 * that fails ends by itself: neither training nor the next is hindered.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  /** Begun, whatever became of it. */
  readonly #begun: Set<number>;
  #drawing: Drawing | null = null;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    this.#begun = new Set(options.drawnSteps);
  }

  isDue(step: number): boolean {
    const { stepsPerEpoch, identity } = this.#options;
    const { previewEvery } = identity.config;
    return !this.#begun.has(step) && isSnapshotStep(step, { previewEvery, stepsPerEpoch });
  }

  /**
   * Begins one, after the one before has been drawn to its end.
   *
   * @param denoiser with the weights after `step`; they are copied, so that training may go on then
   */
  async begin(step: number, denoiser: Denoiser): Promise<void> {
    await this.finish();
    this.#begun.add(step);
    const { identity, chunkSize, post } = this.#options;
    const { config } = identity;
    const sampleId = `snapshot-${identity.runId}-${step}-${Date.now()}`;
    const { count, seed } = SNAPSHOT;
    try {
      const sampler = new DigitSampler({
        ...{ denoiser, count, seed, chunkSize, start: { from: "noise" } },
        sampler: samplerOf(config.previewTimesteps, config),
      });
      const { times } = sampler;
      const numFrames = times.length;
      const pixels = new Uint8Array(numFrames * count * IMAGE_SIZE * IMAGE_SIZE);
      const snapshot = { step, count, numFrames, pixels };
      this.#drawing = { sampleId, sampler, snapshot, elapsedMs: 0 };
      post(previewStarted(identity, { sampleId, step, count, times }));
    } catch (error) {
      post({ type: "sampleFailed", sampleId, message: messageOf(error) });
    }
  }

  /** The next frame of the one that is on its way, where there is one. */
  async advance(): Promise<void> {
    const drawing = this.#drawing;
    if (!drawing) return;
    const { post } = this.#options;
    const { sampleId, sampler, snapshot } = drawing;
    const startMs = performance.now();
    try {
      const { index, pixels } = await sampler.nextFrame();
      snapshot.pixels.set(pixels, index * pixels.length);
      drawing.elapsedMs += performance.now() - startMs;
      post({ type: "sampleFrame", sampleId, index, pixels, x0: null }, [pixels.buffer]);
      if (sampler.isDone) this.#end(drawing);
    } catch (error) {
      this.#drop(drawing);
      post({ type: "sampleFailed", sampleId, message: messageOf(error) });
    }
  }

  /** Draws the one that is on its way to its end. */
  async finish(): Promise<void> {
    while (this.#drawing) await this.advance();
  }

  /** Gives up the one that is on its way. */
  cancel(): void {
    if (!this.#drawing) return;
    const { sampleId } = this.#drawing;
    this.#drop(this.#drawing);
    this.#options.post({ type: "sampleCancelled", sampleId });
  }

  #end(drawing: Drawing): void {
    const { identity, onDrawn, post } = this.#options;
    const { sampleId, elapsedMs } = drawing;
    const snapshot = { ...drawing.snapshot, wallTimeMs: Date.now() };
    this.#drop(drawing);
    onDrawn(snapshot);
    post({ type: "sampleDone", sampleId, elapsedMs });
    tellSnapshots(post, identity.runId, [{ ...snapshot, pixels: snapshot.pixels.slice() }]);
  }

  #drop({ sampler }: Drawing): void {
    this.#drawing = null;
    sampler.dispose();
  }
}
