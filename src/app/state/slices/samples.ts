/** The digits of the training view: the worker's previews, and those that the person asked for. Pure. */
import type { ObjectiveId } from "../../../engine/diffusion/objectives.ts";
import type { Sampler } from "../../../engine/diffusion/samplers.ts";
import type { EventOf } from "../../../runtime/run/events.ts";
import type { AskedFor } from "../../../runtime/sampling/ask.ts";
import type { Outcome, PartOf } from "../client/answers.ts";
import { afterSampleEvent, type Frame, type Generation, type SampleEvent } from "./generation.ts";

type SampleStarted = EventOf<"sampleStarted">;
export type Origin = SampleStarted["origin"];

/** How digits are drawn. */
interface DrawnBy {
  sampler: Sampler;
  /** Objective of the network, which names the sampler. */
  objective: ObjectiveId;
}

export interface PanelGeneration
  extends Generation,
    Pick<SampleStarted, "origin" | "start" | "count"> {
  /** The weights file it was drawn from; null for a run's network or an untrained one. */
  fileName: string | null;
  /** Null for previews, and where the network has no classes. */
  askedFor: AskedFor | null;
  /** Null for previews. */
  drawnBy: DrawnBy | null;
}

export interface SamplesState {
  /** The newest preview, the person's newest, and the one being scrubbed; oldest first. */
  generations: readonly PanelGeneration[];
  /** Which kind the panel shows. */
  view: Origin;
  /** The person's request that has no answer yet, or that is running. */
  requestedId: string | null;
  /** Whether the newest request is the page's own, which redraws what the person asked for. */
  isAgain: boolean;
  /** Frame the person went back to; null follows the newest frame of the newest generation. */
  frameIndex: number | null;
  /** The generation the person is going through; a newer preview does not displace it. */
  heldId: string | null;
  /** A preview with digits that were drawn again since, `[count, 28, 28]`, and the training steps of the newest. */
  fresh: { of: string; pixels: Uint8Array; trainedSteps: number } | null;
  /** Prefers reduced motion: only finished digits are shown, until the slider is moved. */
  isStill: boolean;
}

/** What is newest, not what the person went back to. */
const FOLLOWING = { frameIndex: null, heldId: null };

export const NO_SAMPLES: SamplesState = {
  generations: [],
  view: "preview",
  requestedId: null,
  isAgain: false,
  ...FOLLOWING,
  fresh: null,
  isStill: false,
};

export function newest(samples: SamplesState, origin: Origin): PanelGeneration | null {
  return samples.generations.findLast((g) => g.origin === origin) ?? null;
}

export function shownGeneration(samples: SamplesState): PanelGeneration | null {
  const held = samples.generations.find((g) => g.sampleId === samples.heldId);
  return held ?? shownUntilNext(samples, samples.view) ?? newest(samples, samples.view);
}

/** Gives the finished digits that stay until the next are finished as well; null where the next are shown as they come. */
function shownUntilNext(samples: SamplesState, origin: Origin): PanelGeneration | null {
  const isCalm = origin === "preview" ? samples.isStill : samples.isAgain;
  if (!isCalm) return null;
  return samples.generations.findLast((g) => g.origin === origin && g.status === "done") ?? null;
}

/** The frame on the screen: the last one up to where the slider stands. */
export function shownFrame(samples: SamplesState): Frame | null {
  const { frames } = shownGeneration(samples) ?? { frames: [] };
  const { frameIndex } = samples;
  if (frameIndex === null) return frames.at(isHeldBack(samples) ? 0 : -1) ?? null;
  return frames.findLast((f) => f.index <= frameIndex) ?? frames[0] ?? null;
}

/** The digits on the screen, those among them that were drawn again since the preview. */
export function shownPixels(samples: SamplesState): Uint8Array | null {
  return freshPreview(samples)?.pixels ?? shownFrame(samples)?.pixels ?? null;
}

/** What was drawn again of the preview on the screen; null where none was, or one went back in it. */
export function freshPreview({ fresh, ...samples }: SamplesState): SamplesState["fresh"] {
  const isShown = fresh?.of === shownGeneration({ fresh, ...samples })?.sampleId;
  return isShown && samples.frameIndex === null ? fresh : null;
}

/** Whether the noise is shown in place of digits that are not finished, for reduced motion. */
export function isHeldBack(samples: SamplesState): boolean {
  const isInProgress = shownGeneration(samples)?.status === "sampling";
  return samples.isStill && isInProgress && samples.frameIndex === null;
}

/** Whether there is another kind to go to. */
export function hasViewChoice(samples: SamplesState): boolean {
  const hasOwn = newest(samples, "person") !== null || samples.requestedId !== null;
  return hasOwn && (samples.view === "preview" || newest(samples, "preview") !== null);
}

/** The person asked for digits: the request comes to the front. */
export function requestSample(
  samples: SamplesState,
  requestedId: string,
  isAgain = false,
): SamplesState {
  return { ...samples, requestedId, isAgain, view: "person", ...FOLLOWING };
}

export function showOrigin(samples: SamplesState, view: Origin): SamplesState {
  return { ...samples, view, ...FOLLOWING };
}

/** The slider was moved: holds the generation, or follows again from its newest frame on. */
export function showFrame(samples: SamplesState, index: number): SamplesState {
  const shown = shownGeneration(samples);
  const last = shown?.frames.at(-1);
  if (!shown || !last || index >= last.index) return { ...samples, ...FOLLOWING };
  return { ...samples, frameIndex: index, heldId: shown.sampleId };
}

/** What a person asked for and how it was drawn, which the worker does not repeat in its events; null for a preview. */
type Drawn = Pick<PanelGeneration, "askedFor" | "drawnBy">;

function startGeneration(
  samples: SamplesState,
  event: SampleStarted,
  { askedFor, drawnBy }: Drawn,
): SamplesState {
  const { sampleId, origin, start, count, times, trainedSteps, source } = event;
  const added: PanelGeneration = {
    sampleId,
    origin,
    start,
    count,
    times,
    trainedSteps,
    fileName: source.kind === "file" ? source.fileName : null,
    askedFor,
    drawnBy,
    frames: [],
    status: "sampling",
    elapsedMs: null,
  };
  const stillShown = shownUntilNext(samples, origin);
  const kept = samples.generations.filter(
    (g) => g.origin !== origin || g.sampleId === samples.heldId || g === stillShown,
  );
  return { ...samples, generations: [...kept, added] };
}

/** The worker draws a preview, frame by frame. */
export function afterPreviewEvent(
  samples: SamplesState,
  event: SampleStarted | SampleEvent,
): SamplesState {
  if (event.type === "sampleStarted") {
    return startGeneration(samples, event, { askedFor: null, drawnBy: null });
  }
  return withEvent(samples, event);
}

/** A part of what the person asked for came; of what was asked for before, it changes nothing. */
export function afterPart(
  samples: SamplesState,
  part: PartOf<"sample">,
  drawn: Drawn,
): SamplesState {
  if (part.sampleId !== samples.requestedId) return samples;
  return part.type === "sampleStarted"
    ? startGeneration(samples, part, drawn)
    : withEvent(samples, part);
}

/** What the person asked for came to its end. */
export function afterOutcome(
  samples: SamplesState,
  sampleId: string,
  outcome: Outcome<"sample">,
): SamplesState {
  const after = withEvent(samples, endEvent(sampleId, outcome));
  return sampleId === samples.requestedId ? { ...after, requestedId: null } : after;
}

function endEvent(sampleId: string, outcome: Outcome<"sample">): SampleEvent {
  if (outcome.status === "done") return outcome.end;
  if (outcome.status !== "failed") return { type: "sampleCancelled", sampleId };
  return { type: "sampleFailed", sampleId, message: outcome.message };
}

function withEvent(samples: SamplesState, event: SampleEvent): SamplesState {
  if (!samples.generations.some((g) => g.sampleId === event.sampleId)) return samples;
  const generations = samples.generations.map((g) =>
    g.sampleId === event.sampleId ? afterSampleEvent(g, event) : g,
  );
  return { ...samples, generations };
}

/** A new run: the previews of the one before would be taken for its own. */
export function forgetPreviews(samples: SamplesState): SamplesState {
  const generations = samples.generations.filter((g) => g.origin === "person");
  return { ...samples, generations, view: "preview", ...FOLLOWING };
}

/** The worker is gone: what it was sampling fails. */
export function endSampling(samples: SamplesState): SamplesState {
  const generations = samples.generations.map(
    (g): PanelGeneration => (g.status === "sampling" ? { ...g, status: "failed" } : g),
  );
  return { ...samples, generations, requestedId: null };
}
