import type { WorkerEvent } from "../../../runtime/run/events.ts";

type SampleStarted = Extract<WorkerEvent, { type: "sampleStarted" }>;
type SampleFrame = Extract<WorkerEvent, { type: "sampleFrame" }>;
export type Origin = SampleStarted["origin"];

/** `[count, 28, 28]`, 0 black to 255 white; index 0 is noise. */
export interface Frame {
  index: number;
  pixels: Uint8Array;
}

/** One batch of digits on its way from noise, with all the frames to go back through. */
export interface Generation {
  sampleId: string;
  origin: Origin;
  start: SampleStarted["start"];
  count: number;
  timesteps: number;
  /** Null when nobody knows. */
  trainedSteps: number | null;
  /** The weights file it was drawn from; null for a run's network or an untrained one. */
  fileName: string | null;
  /** By index, ascending; see `frameStride`. */
  frames: readonly Frame[];
  status: "sampling" | "done" | "cancelled" | "failed";
  elapsedMs: number | null;
}

export interface SamplesState {
  /** The newest preview, the person's newest, and the one being scrubbed; oldest first. */
  generations: readonly Generation[];
  /** Which kind the panel shows. */
  view: Origin;
  /** The person's request that has no answer yet, or that is running. */
  requestedId: string | null;
  /** Frame the person went back to; null follows the newest frame of the newest generation. */
  frameIndex: number | null;
  /** The generation the person is going through; a newer preview does not displace it. */
  heldId: string | null;
  /** The person wants little motion: only finished digits are shown, until he goes through the steps. */
  isStill: boolean;
}

export const NO_SAMPLES: SamplesState = {
  generations: [],
  view: "preview",
  requestedId: null,
  frameIndex: null,
  heldId: null,
  isStill: false,
};

/**
 * Of so many steps of so many digits every how-many-th frame is kept: every one up to 250 steps of 100
 * digits or 1,000 steps of 25, which take 20 MB, and as much again where their x_0 are kept, too.
 */
export function frameStride(numSteps: number, count: number): number {
  return Math.max(1, Math.ceil((numSteps * count) / MAX_KEPT_DIGITS));
}
const MAX_KEPT_DIGITS = 25_000;

/** With the newest frame; the one before is dropped where it is not one to be kept. */
export function withNewest<F extends Frame>(frames: readonly F[], added: F, stride: number): F[] {
  return [...frames.filter(({ index }) => index % stride === 0), added];
}

export function newest(samples: SamplesState, origin: Origin): Generation | null {
  return samples.generations.findLast((g) => g.origin === origin) ?? null;
}

/** The generation on the screen. */
export function shownGeneration(samples: SamplesState): Generation | null {
  const held = samples.generations.find((g) => g.sampleId === samples.heldId);
  if (held) return held;
  const finished = samples.view === "preview" && samples.isStill ? finishedPreview(samples) : null;
  return finished ?? newest(samples, samples.view);
}

function finishedPreview({ generations }: SamplesState): Generation | null {
  return generations.findLast((g) => g.origin === "preview" && g.status === "done") ?? null;
}

/** The frame on the screen: the last one up to where the slider stands. */
export function shownFrame(samples: SamplesState): Frame | null {
  const { frames } = shownGeneration(samples) ?? { frames: [] };
  const { frameIndex } = samples;
  if (frameIndex === null) return frames.at(isHeldBack(samples) ? 0 : -1) ?? null;
  return frames.findLast((f) => f.index <= frameIndex) ?? frames[0] ?? null;
}

/** Whether the noise stands for digits on their way, which are shown when they are finished. */
export function isHeldBack(samples: SamplesState): boolean {
  const isUnderWay = shownGeneration(samples)?.status === "sampling";
  return samples.isStill && isUnderWay && samples.frameIndex === null;
}

/** Whether there is another kind to go to. */
export function hasViewChoice(samples: SamplesState): boolean {
  const hasOwn = newest(samples, "person") !== null || samples.requestedId !== null;
  return hasOwn && (samples.view === "preview" || newest(samples, "preview") !== null);
}

/** The person asked for digits: his own request comes to the front. */
export function requestSample(samples: SamplesState, sampleId: string): SamplesState {
  return { ...samples, requestedId: sampleId, view: "person", frameIndex: null, heldId: null };
}

export function showOrigin(samples: SamplesState, view: Origin): SamplesState {
  return { ...samples, view, frameIndex: null, heldId: null };
}

/** The slider was moved: holds the generation, or follows again from its newest frame on. */
export function showFrame(samples: SamplesState, index: number): SamplesState {
  const shown = shownGeneration(samples);
  const last = shown?.frames.at(-1);
  if (!shown || !last || index >= last.index) return { ...samples, frameIndex: null, heldId: null };
  return { ...samples, frameIndex: index, heldId: shown.sampleId };
}

export function startGeneration(samples: SamplesState, event: SampleStarted): SamplesState {
  // An answer to a request that was cancelled or overtaken.
  if (event.origin === "person" && event.sampleId !== samples.requestedId) return samples;
  const { type: _, times: __, sources: ___, source, ...sample } = event;
  const { origin } = sample;
  const added: Generation = {
    ...sample,
    fileName: source.kind === "file" ? source.fileName : null,
    frames: [],
    status: "sampling",
    elapsedMs: null,
  };
  const stillShown = samples.isStill ? finishedPreview(samples) : null;
  const kept = samples.generations.filter(
    (g) => g.origin !== origin || g.sampleId === samples.heldId || g === stillShown,
  );
  return { ...samples, generations: [...kept, added] };
}

/** Whether anyone here waits for this sample or shows it. */
export function isKnown(samples: SamplesState, sampleId: string): boolean {
  return (
    samples.requestedId === sampleId || samples.generations.some((g) => g.sampleId === sampleId)
  );
}

/** Whether it is of the worker's own. */
export function isPreview({ generations }: SamplesState, sampleId: string): boolean {
  return generations.some((g) => g.sampleId === sampleId && g.origin === "preview");
}

/** A new run: the previews of the one before would be taken for its own. */
export function forgetPreviews(samples: SamplesState): SamplesState {
  const generations = samples.generations.filter((g) => g.origin === "person");
  return { ...samples, generations, view: "preview", frameIndex: null, heldId: null };
}

/** The worker is gone: what it was sampling fails. */
export function endSampling(samples: SamplesState): SamplesState {
  const generations = samples.generations.map(
    (g): Generation => (g.status === "sampling" ? { ...g, status: "failed" } : g),
  );
  return { ...samples, generations, requestedId: null };
}

export type SampleEvent = Extract<
  WorkerEvent,
  { type: "sampleFrame" | "sampleDone" | "sampleCancelled" | "sampleFailed" }
>;

/** The caller has dropped events of samples that are not known. */
export function applySampleEvent(samples: SamplesState, event: SampleEvent): SamplesState {
  const { sampleId } = event;
  if (event.type === "sampleFrame") {
    return updateGeneration(samples, sampleId, (generation) => addFrame(generation, event));
  }
  const requestedId = samples.requestedId === sampleId ? null : samples.requestedId;
  return updateGeneration({ ...samples, requestedId }, sampleId, (g) => ended(g, event));
}

function ended(generation: Generation, event: Exclude<SampleEvent, SampleFrame>): Generation {
  switch (event.type) {
    case "sampleDone":
      return { ...generation, status: "done", elapsedMs: event.elapsedMs };
    case "sampleCancelled":
      return { ...generation, status: "cancelled" };
    case "sampleFailed":
      return { ...generation, status: "failed" };
    default:
      event satisfies never;
      return generation;
  }
}

function addFrame(generation: Generation, { index, pixels }: SampleFrame): Generation {
  const stride = frameStride(generation.timesteps, generation.count);
  return { ...generation, frames: withNewest(generation.frames, { index, pixels }, stride) };
}

function updateGeneration(
  samples: SamplesState,
  sampleId: string,
  update: (generation: Generation) => Generation,
): SamplesState {
  const generations = samples.generations.map((g) => (g.sampleId === sampleId ? update(g) : g));
  return { ...samples, generations };
}
