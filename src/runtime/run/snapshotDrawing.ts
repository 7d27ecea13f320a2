/**
 * The previews of a run; a preview that is drawn is stored as a snapshot. At some steps (`engine/config/snapshotSteps.ts`) the same noise is turned into digits by the
 * weights as they are then, so that one sees them improve.
 *
 * A preview is drawn while training continues: `TrainingRun` alternates between a training step and a frame or a few of
 * the preview. It begins with a copy of the weights, so later steps do not change it. When the next one is due before it
 * is finished, training waits until it is (`needsWeights`), since the weights of that step would otherwise be gone.
 */
import * as tf from "@tensorflow/tfjs-core";
import { mixedCondition } from "../../engine/config/condition.ts";
import { IMAGE_SIZE, NUM_PIXELS, type RunConfig } from "../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../engine/config/sampling.ts";
import {
  isSnapshotStep,
  keptFrames,
  SNAPSHOT,
  snapshotCondition,
  snapshotCount,
} from "../../engine/config/snapshotSteps.ts";
import { distilledConfig } from "../../engine/config/studentSteps.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import type { PointPaths } from "../../engine/quality/drawPoints.ts";
import { DigitSampler, type SampleFrame } from "../../engine/train/digitSampler.ts";
import { FramesInFlight } from "../../engine/train/framesInFlight.ts";
import type { Denoiser } from "../../engine/train/gradient.ts";
import { previewTimes } from "../../engine/train/sampleStart.ts";
import type { Snapshot } from "../storage/records.ts";
import { waitForDeviceError } from "./device.ts";
import type { Post } from "./events.ts";
import type { RunIdentity } from "./runRecorder.ts";
import { postSnapshots, previewStarted } from "./snapshotEvents.ts";

/** Points of a picture. */
const SNAPSHOT_POINTS = 500;

export interface SnapshotsOptions {
  identity: RunIdentity;
  stepsPerEpoch: number;
  /** Steps of those that are stored, where the run goes on. */
  drawnSteps: readonly number[];
  /** Most images in one forward pass. */
  chunkSize: number;
  onDrawn: (snapshot: Snapshot) => Promise<void>;
  /** Whether what the backend computes is to be trusted. */
  isSound: () => boolean;
  post: Post;
}

/** What draws a snapshot. */
interface Frames {
  count: number;
  times: readonly number[];
  readonly isDone: boolean;
  /** Draws the next frame or frames. */
  next(): Promise<Pick<SampleFrame, "index" | "pixels">[]>;
  dispose(): void;
}

/** A snapshot that is being drawn, frame by frame. */
interface Drawing {
  sampleId: string;
  frames: Frames;
  /** Indices of the frames that are kept. */
  kept: readonly number[];
  snapshot: Omit<Snapshot, "wallTimeMs">;
  elapsedMs: number;
}

/**
 * Draws the snapshots of a run and posts them, a frame or a few at a time, while it trains, is paused, or has
 * ended. When one fails, training and the next go on.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  /** Steps of those that were begun. */
  readonly #begun: Set<number>;
  #drawing: Drawing | null = null;
  /** Begins the next when the one that is drawn is finished. */
  #beginNext: (() => void) | null = null;
  /** Whether the failure of the newest one was posted. */
  #isFailureReported = false;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    this.#begun = new Set(options.drawnSteps);
  }

  isDue(step: number): boolean {
    const { stepsPerEpoch, identity } = this.#options;
    return !this.#begun.has(step) && isSnapshotStep(step, { ...identity.config, stepsPerEpoch });
  }

  get isDrawing(): boolean {
    return this.#drawing !== null;
  }

  /** Whether the next one still has to copy the weights: until then there must be no training step. */
  get needsWeights(): boolean {
    return this.#beginNext !== null;
  }

  /**
   * Begins one, at the latest when the one that is drawn is finished, unless that of the step is drawn or begun.
   *
   * @param denoiser with the weights after `step`; they are copied when it begins
   */
  begin(step: number, denoiser: Denoiser): void {
    if (this.#begun.has(step)) return;
    this.#begun.add(step);
    if (this.#drawing) this.#beginNext = () => this.#start(step, denoiser);
    else this.#start(step, denoiser);
  }

  #start(step: number, denoiser: Denoiser): void {
    const { identity, stepsPerEpoch, chunkSize, post } = this.#options;
    const config = distilledConfig(identity.config, step, stepsPerEpoch);
    try {
      const frames = takesPoints(config)
        ? pointFrames(denoiser, config)
        : digitFrames(denoiser, config, chunkSize);
      const { count, times } = frames;
      const numSteps = times.length - 1;
      const kept = takesPoints(config) ? [numSteps] : keptFrames(numSteps, count);
      const numFrames = kept.length;
      const pixels = new Uint8Array(numFrames * count * NUM_PIXELS);
      const snapshot = { step, count, numFrames, pixels };
      const sampleId = `snapshot-${identity.runId}-${step}-${Date.now()}`;
      this.#drawing = { sampleId, frames, kept, snapshot, elapsedMs: 0 };
      post(previewStarted(identity, { sampleId, step, count, times }));
    } catch (error) {
      this.#reportFailure(step, error);
    }
  }

  /** Draws the next frame or frames, if a snapshot is being drawn. */
  async advance(): Promise<void> {
    const drawing = this.#drawing;
    if (!drawing) return;
    const { post } = this.#options;
    const { sampleId, frames, kept, snapshot } = drawing;
    const startMs = performance.now();
    try {
      const drawn = await frames.next();
      drawing.elapsedMs += performance.now() - startMs;
      for (const { index, pixels } of drawn) {
        const place = kept.indexOf(index);
        if (place >= 0) snapshot.pixels.set(pixels, place * pixels.length);
        post({ type: "sampleFrame", sampleId, index, pixels, x0: null }, [pixels.buffer]);
      }
      if (frames.isDone) await this.#end(drawing);
    } catch (error) {
      this.#drop(drawing);
      post({ type: "sampleFailed", sampleId, message: messageOf(error) });
      await this.#reportFailure(snapshot.step, error);
    }
    const beginNext = this.#beginNext;
    if (this.#drawing || !beginNext) return;
    this.#beginNext = null;
    beginNext();
  }

  cancel(): void {
    this.#beginNext = null;
    if (!this.#drawing) return;
    const { sampleId } = this.#drawing;
    this.#drop(this.#drawing);
    this.#options.post({ type: "sampleCancelled", sampleId });
  }

  async #end(drawing: Drawing): Promise<void> {
    const { identity, onDrawn, post } = this.#options;
    const { sampleId, elapsedMs } = drawing;
    const snapshot = { ...drawing.snapshot, wallTimeMs: Date.now() };
    this.#drop(drawing);
    this.#isFailureReported = false;
    await onDrawn(snapshot);
    post({ type: "sampleDone", sampleId, elapsedMs });
    postSnapshots(post, identity.runId, [{ ...snapshot, pixels: snapshot.pixels.slice() }]);
  }

  #drop({ frames }: Drawing): void {
    if (this.#drawing?.frames !== frames) return;
    this.#drawing = null;
    frames.dispose();
  }

  /** Once, where one after the other fails; not where it follows from a fault of the device. */
  async #reportFailure(step: number, error: unknown): Promise<void> {
    const { identity, isSound, post } = this.#options;
    await waitForDeviceError();
    if (this.#isFailureReported || !isSound()) return;
    this.#isFailureReported = true;
    post({ type: "snapshotFailed", runId: identity.runId, step, message: messageOf(error) });
  }
}

function digitFrames(denoiser: Denoiser, config: RunConfig, chunkSize: number): Frames {
  const count = snapshotCount(config);
  const sampler = new DigitSampler({
    denoiser,
    count,
    seed: SNAPSHOT.seed,
    chunkSize,
    start: { from: "noise" },
    sampler: samplerOf(config.previewTimesteps, config),
    condition: snapshotCondition(config),
  });
  const kept = keptFrames(sampler.numSteps, count);
  const frames = new FramesInFlight(sampler, (index) => kept.includes(index));
  return {
    count,
    times: sampler.times,
    get isDone() {
      return frames.isDone;
    },
    next: () => frames.next(),
    dispose: () => sampler.dispose(),
  };
}

/** One picture of where points come to lie, in place of digits: what has the run's pictures also has those of points. */
function pointFrames(denoiser: Denoiser, config: RunConfig): Frames {
  const times = previewTimes(config);
  // Training goes on, and changes the weights, while it is drawn.
  const copy = { ...denoiser, values: tf.clone(denoiser.values) };
  let drawing: AsyncGenerator<void, PointPaths> | null = null;
  let isDone = false;
  return {
    count: 1,
    times,
    get isDone() {
      return isDone;
    },
    async next() {
      // Loaded only where somebody trains on points.
      const [{ pointPaths }, { planePicture }] = await Promise.all([
        import("../../engine/quality/drawPoints.ts"),
        import("../../engine/data/plane.ts"),
      ]);
      drawing ??= pointPaths({
        denoiser: copy,
        sampler: samplerOf(config.previewTimesteps, config),
        seed: SNAPSHOT.seed,
        count: SNAPSHOT_POINTS,
        condition: mixedCondition(config, SNAPSHOT_POINTS),
      });
      const { done, value } = await drawing.next();
      if (!done) return [];
      isDone = true;
      const points = value.frames.at(-1) ?? new Float32Array();
      return [{ index: times.length - 1, pixels: planePicture(points, IMAGE_SIZE) }];
    },
    dispose() {
      copy.values.dispose();
      void drawing?.return(undefined as never);
    },
  };
}
