/** A batch of digits that is denoised, frame by frame. Pure. */
import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { frameStride } from "../../../engine/config/sampling.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";

/** Pixels are `[count, 28, 28]`, 0 black to 255 white. */
export interface Frame {
  /** 0 is the noise. */
  index: number;
  pixels: Uint8Array;
  /** What the network predicts from this frame; null while that is not computed, or not asked for. */
  x0: Uint8Array | null;
}

export interface Generation {
  sampleId: string;
  /** `interrupted`: the worker ended it before its time, and nobody had asked for that. */
  status: "waiting" | "sampling" | "done" | "cancelled" | "interrupted" | "failed";
  /** Timestep of each frame by its index, falling; -1 at the end. Empty before the worker began. */
  times: readonly number[];
  /** The frames that are there and kept, by index, ascending; see `frameStride`. */
  frames: readonly Frame[];
  /** Training steps of its network; null when nobody knows, or not yet. */
  trainedSteps: number | null;
  elapsedMs: number | null;
}

export type SampleEvent = Extract<
  WorkerEvent,
  { type: "sampleFrame" | "sampleDone" | "sampleCancelled" | "sampleFailed" }
>;

export function numSteps({ times }: Pick<Generation, "times">): number {
  return Math.max(0, times.length - 1);
}

/** How much of it is computed, in steps. */
export function numStepsDone({ frames }: Pick<Generation, "frames">): number {
  return frames.at(-1)?.index ?? 0;
}

/** How much of all their steps is computed: 0 to 1. */
export function fractionOf(generations: readonly Generation[]): number {
  const total = (count: (of: Generation) => number) =>
    generations.reduce((sum, of) => sum + count(of), 0);
  const all = total(numSteps);
  return all === 0 ? 0 : total(numStepsDone) / all;
}

export function afterSampleEvent<G extends Generation>(generation: G, event: SampleEvent): G {
  switch (event.type) {
    case "sampleFrame":
      return { ...generation, status: "sampling", frames: withFrame(generation, event) };
    case "sampleDone":
      return { ...generation, status: "done", elapsedMs: event.elapsedMs };
    case "sampleCancelled":
      return { ...generation, status: "cancelled" };
    case "sampleFailed":
      return { ...generation, status: "failed" };
    default:
      throw event satisfies never;
  }
}

/** The frame before is dropped where it is not one to be kept; the x_0 that comes is predicted from it. */
function withFrame(generation: Generation, { index, pixels, x0 }: Frame): Frame[] {
  const last = numSteps(generation);
  const stride = frameStride(last, pixels.length / NUM_PIXELS);
  const before = generation.frames
    .filter((frame) => frame.index % stride === 0)
    .map((frame) => (frame.index === index - 1 ? { ...frame, x0 } : frame));
  return [...before, { index, pixels, x0: index === last ? pixels : null }];
}
