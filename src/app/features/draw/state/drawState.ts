/** The state of Draw, which is loaded with the view and not with the page. */

import type { StoreApi } from "zustand/vanilla";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { numTimestepsOf } from "../../../../engine/diffusion/objectives.ts";
import type { NetworkSource } from "../../../../runtime/run/samplingProtocol.ts";
import type { Stroke } from "../../../shared/images/drawing.ts";
import { NOT_PLAYING, type Playback } from "../../../shared/playback/usePlayback.ts";
import type { EndOf, Outcome, PartOf } from "../../../state/client/answers.ts";
import {
  afterSampleEvent,
  type Frame,
  fractionOf,
  type Generation,
} from "../../../state/slices/generation.ts";
import { type Asked, type DrawSettings, SIDES, type Side } from "./drawSettings.ts";
import { imageKind, type Mark, NO_MARKS, type StartKind } from "./drawStart.ts";
import {
  type Changes,
  frameAt,
  levelsOf,
  NO_CHANGES,
  type Shown,
  stopsOf,
  withChange,
} from "./frames.ts";
import type { PlanePoint } from "./plane.ts";

/** One batch of digits that was asked for. */
export interface DrawGeneration extends Generation, Asked {
  /** Whose network drew it; null before the worker began. */
  source: NetworkSource | null;
  /** T of the network. */
  numTimesteps: number;
  /** Why it failed. */
  message: string | null;
  /** How much every step changes the digits, also where its frame is not kept. */
  changes: Changes;
  /** The images it is between, or of; null from noise. */
  sources: Uint8Array | null;
}

export type Generations = Readonly<Record<Side, DrawGeneration | null>>;

type Coming = Pick<DrawState, "generations" | "startedFrom">;

export interface DrawState extends Playback {
  settings: DrawSettings;
  /** Whether digits are drawn as soon as anything changes: see `takesFewSteps`. */
  isLive: boolean;
  /** The newest, shown or not: see `shownGenerations`. */
  generations: Generations;
  /** What `generations` began with; null before the first. */
  startedFrom: Start | null;
  /** Being drawn live, oldest first; each takes the place of `generations` once it is done. */
  coming: readonly Coming[];
  /** Where the scrubber stands among the stops; null follows what is computed. */
  stop: number | null;
  /** Prefers reduced motion: steps are shown only once the digits are finished. */
  isStill: boolean;
  shown: Shown;
  /** The digit that is shown large. */
  picked: number;
  /** Images of the dataset to choose from. */
  gallery: readonly { index: number; label: number; pixels: Uint8Array }[];
  /** All that have been seen, by their place. */
  images: ReadonlyMap<number, Uint8Array>;
  strokes: readonly Stroke[];
  /** An image that was opened, or is a digit that was drawn, `[28, 28]`; null before there is one. */
  own: Uint8Array | null;
  /** What was marked by brush to be filled in, oldest first. */
  marks: readonly Mark[];
  /** What was on the pad before each thing that Undo can take back, oldest first. */
  padBefore: readonly Pick<DrawState, "strokes" | "marks">[];
  /** What is wrong with the picture that was opened last. */
  pictureError: string | null;
  /** Where the plane is looked at between its digits, and in which of the two. */
  point: { side: Side; at: PlanePoint };
  /** The digit there, `[28, 28]`, or the newest that has come; null before the first. */
  pointed: Uint8Array | null;
}

const NO_GENERATIONS: Generations = { a: null, b: null };

export type DrawStore = StoreApi<DrawState>;

declare module "../../../state/viewSlices.ts" {
  interface ViewSlices {
    draw: DrawState;
  }
}

/** Nothing is generated yet. */
export function nothingDrawn(settings: DrawSettings): DrawState {
  return {
    settings,
    isLive: false,
    generations: NO_GENERATIONS,
    startedFrom: null,
    coming: [],
    ...NOT_PLAYING,
    stop: null,
    isStill: false,
    shown: "xt",
    picked: 0,
    gallery: [],
    images: new Map(),
    strokes: [],
    own: null,
    marks: NO_MARKS,
    padBefore: [],
    pictureError: null,
    point: { side: "a", at: [0.5, 0.5] },
    pointed: null,
  };
}

/**
 * The generations that start from what is chosen now. Others are kept, and shown again when their
 * start is chosen again; live ones are shown until the next have come, where that is another of their kind.
 */
export function shownGenerations(state: DrawState): Generations {
  const { startedFrom: before, isLive } = state;
  const now = currentStart(state);
  const isBlank = imageKind(state.settings) === "drawing" && state.strokes.length === 0;
  const isShown = isSameStart(before, now) || (isLive && before?.kind === now.kind && !isBlank);
  return isShown ? state.generations : NO_GENERATIONS;
}

/** The shown ones, A first. */
export function generationsOf(state: DrawState): DrawGeneration[] {
  return listed(shownGenerations(state));
}

/** The newest ones, shown or not. */
function askedGenerations(state: DrawState): DrawGeneration[] {
  return listed(state.generations);
}

/** The picked digit of the first side, wherever the scrubber stands, and the class that it was asked to be. */
export function finishedDigit(state: DrawState): { pixels: Uint8Array; is: number | null } | null {
  const { request, frames } = shownGenerations(state).a ?? {};
  const last = frames?.at(-1);
  if (!last) return null;
  const asked = request?.condition?.labels[state.picked] ?? null;
  const is = typeof asked === "number" ? asked : null;
  return { pixels: imageAt(last.pixels, state.picked).slice(), is };
}

/** All that the worker has not answered yet. */
export function inProgress({ generations, coming }: DrawState): DrawGeneration[] {
  return [{ generations }, ...coming].flatMap((of) => listed(of.generations)).filter(isInProgress);
}

function listed(generations: Generations): DrawGeneration[] {
  return SIDES.flatMap((side) => generations[side] ?? []);
}

/** Whether anything is being computed that one waits for, shown or not. */
export function isGenerating(state: DrawState): boolean {
  return askedGenerations(state).some(isInProgress);
}

interface Start {
  kind: StartKind;
  /** Each equal for the same choice of what to start from. */
  keys: readonly unknown[];
}

function currentStart(state: Pick<DrawState, "settings" | "strokes" | "own" | "marks">): Start {
  const { settings, strokes, own, marks } = state;
  const { start: kind, of, part, pair, digit, seed, corners, flip, first, second } = settings;
  const pairKey = pair?.join() ?? seed;
  const image = { drawing: strokes, digit, own }[imageKind(settings) ?? "digit"];
  const keys: Record<StartKind, readonly unknown[]> = {
    noise: [],
    pair: [pairKey],
    arc: [pairKey],
    drawing: [strokes],
    digit: [digit],
    own: [own],
    fill: [of, image, part, marks],
    invert: [of, image],
    plane: [corners],
    readings: [flip, first, second],
  };
  return { kind, keys: keys[kind] };
}

function isSameStart(a: Start | null, b: Start): boolean {
  return a?.kind === b.kind && a.keys.every((key, i) => key === b.keys[i]);
}

/** New generations take the place of both; the scrubber follows them. */
export function withRequests(
  state: DrawState,
  asked: Partial<Record<Side, Asked>>,
  idOf: (side: Side) => string,
): DrawState {
  const [requested] = withComing({ ...state, coming: [] }, asked, idOf).coming;
  return requested ? withShown(state, requested) : state;
}

/** New generations wait in `coming`, and take the place of both that are shown once they are done. */
export function withComing(
  state: DrawState,
  asked: Partial<Record<Side, Asked>>,
  idOf: (side: Side) => string,
): DrawState {
  const generation = (side: Side): DrawGeneration | null => {
    const of = asked[side];
    if (!of) return null;
    return {
      ...NOTHING_YET,
      ...of,
      sampleId: idOf(side),
      numTimesteps: numTimestepsOf(of.noising),
    };
  };
  const generations = { a: generation("a"), b: generation("b") };
  const coming = [...state.coming, { generations, startedFrom: currentStart(state) }];
  return { ...state, coming };
}

/** What was being drawn live is shown as it comes, done or not; what was asked for before is no longer waited for. */
export function withComingShown(state: DrawState, sampleId: string): DrawState {
  const index = state.coming.findIndex(({ generations }) =>
    listed(generations).some((of) => of.sampleId === sampleId),
  );
  const shown = state.coming[index];
  return shown ? withShown({ ...state, coming: state.coming.slice(index + 1) }, shown) : state;
}

function withShown(state: DrawState, shown: Coming): DrawState {
  const { picked } = state;
  const count = shown.generations.a?.request.count ?? 1;
  return {
    ...state,
    ...shown,
    stop: null,
    isPlaying: false,
    picked: Math.min(picked, count - 1),
  };
}

const NOTHING_YET = {
  status: "waiting",
  message: null,
  times: [],
  frames: [],
  changes: NO_CHANGES,
  sources: null,
  source: null,
  trainedSteps: null,
  elapsedMs: null,
} as const;

/** What is under way is cancelled at once. */
export function withCancelled(state: DrawState): DrawState {
  const withoutComing = state.coming.length > 0 ? { ...state, coming: [] } : state;
  return changed(withoutComing, isInProgress, (of) => ({ ...of, status: "cancelled" }));
}

/** Other images are loaded, and the indices now mean other ones. */
export function withoutImages(state: DrawState): DrawState {
  const noMarks = state.settings.of === "digit" && { marks: NO_MARKS, padBefore: [] };
  return { ...state, gallery: [], images: new Map(), ...noMarks };
}

/** Other images are to be chosen from. */
export function withImages(
  state: DrawState,
  { indices, labels, pixels }: EndOf<"images">,
): DrawState {
  const gallery = indices.map((index, i) => ({
    index,
    label: labels[i] as number,
    pixels: imageAt(pixels, i),
  }));
  const seen = gallery.map(({ index, pixels }) => [index, pixels] as const);
  return { ...state, gallery, images: new Map([...state.images, ...seen]) };
}

/** A part of an answer came: what it begins with, or a frame. */
export function withPart(state: DrawState, part: PartOf<"sample">): DrawState {
  const isMeant = isInProgressAs(part.sampleId);
  if (part.type === "sampleFrame") {
    return changed(state, isMeant, (of) => ({
      ...afterSampleEvent(of, part),
      changes: withChange(of, part),
    }));
  }
  const { times, source, sources, trainedSteps } = part;
  return changed(state, isMeant, (of) => ({ ...of, times, source, sources, trainedSteps }));
}

/** An answer ended. What was being drawn live is dropped where the worker is gone. */
export function withOutcome(
  state: DrawState,
  sampleId: string,
  outcome: Outcome<"sample">,
): DrawState {
  const isMeant = isInProgressAs(sampleId);
  switch (outcome.status) {
    case "done":
      return changed(state, isMeant, (of) => afterSampleEvent(of, outcome.end));
    case "cancelled":
    case "interrupted":
      return changed(state, isMeant, (of) => ({ ...of, status: outcome.status }));
    case "failed": {
      const { message, isLost } = outcome;
      const coming = isLost
        ? state.coming.filter(({ generations }) => !listed(generations).some(isMeant))
        : state.coming;
      const now = coming.length < state.coming.length ? { ...state, coming } : state;
      return changed(now, isMeant, (of) => ({ ...of, status: "failed", message }));
    }
    default:
      throw outcome satisfies never;
  }
}

function isInProgressAs(sampleId: string) {
  return (of: DrawGeneration) => of.sampleId === sampleId && isInProgress(of);
}

function changed(
  state: DrawState,
  isMeant: (generation: DrawGeneration) => boolean,
  change: (generation: DrawGeneration) => DrawGeneration,
): DrawState {
  const after = ({ a, b }: Generations): Generations => {
    const ofSide = (of: DrawGeneration | null) => (of && isMeant(of) ? change(of) : of);
    return { a: ofSide(a), b: ofSide(b) };
  };
  const isIn = (generations: Generations) => listed(generations).some(isMeant);
  if (isIn(state.generations)) return { ...state, generations: after(state.generations) };
  const index = state.coming.findIndex(({ generations }) => isIn(generations));
  const of = state.coming[index];
  if (!of) return state;
  const changedOne = { ...of, generations: after(of.generations) };
  const [first] = listed(changedOne.generations);
  const next = { ...state, coming: state.coming.with(index, changedOne) };
  const isDone = !listed(changedOne.generations).some(isInProgress);
  return first && isDone ? withComingShown(next, first.sampleId) : next;
}

function isInProgress({ status }: DrawGeneration): boolean {
  return status === "waiting" || status === "sampling";
}

/** The frames that may be shown: with reduced motion only the noise, until the digits are finished. */
export function seenFrames(
  { isStill }: Pick<DrawState, "isStill">,
  { frames, status }: Generation,
): readonly Frame[] {
  return isStill && status === "sampling" ? frames.slice(0, 1) : frames;
}

/** Where the scrubber can stand, from 1 to 0. */
export function stops(state: DrawState): number[] {
  return stopsOf(generationsOf(state));
}

/** Where the scrubber stands; while it follows, at the newest frame of what is computed. */
export function currentStop(state: DrawState, all: readonly number[] = stops(state)): number {
  if (state.stop !== null) return Math.min(state.stop, Math.max(0, all.length - 1));
  const generations = generationsOf(state);
  const inProgress = generations.find(({ status }) => status === "sampling") ?? generations.at(-1);
  const newest = inProgress && seenFrames(state, inProgress).at(-1);
  if (!newest) return 0;
  const level = levelsOf(inProgress)[newest.index] as number;
  const stop = all.findLastIndex((at) => at >= level);
  return Math.max(0, stop);
}

/** The frame of a side that the scrubber stands at; null before there is one. */
export function shownFrame(state: DrawState, side: Side): Frame | null {
  const generation = shownGenerations(state)[side];
  if (!generation) return null;
  const frames = seenFrames(state, generation);
  if (state.stop === null) return frames.at(-1) ?? null;
  return frameAt({ ...generation, frames }, stops(state)[state.stop] ?? 0);
}

/** The scrubber moved by hand; at the end it follows what is computed again. */
export function movedTo(state: DrawState, stop: number): DrawState {
  const last = stops(state).length - 1;
  const isAtEnd = stop >= last && !isGenerating(state);
  const within = Math.max(0, Math.min(last, stop));
  return { ...state, isPlaying: false, stop: isAtEnd ? null : within };
}

/** To the digit after this one, or before it; the first follows the last. */
export function pickedBy(state: DrawState, by: number): DrawState {
  const count = shownGenerations(state).a?.request.count ?? 1;
  return { ...state, picked: (state.picked + by + count) % count };
}

/** What a key does; null when it does nothing here. */
export function afterKey(
  state: DrawState,
  { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">,
): DrawState | null {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (by) return shiftKey ? pickedBy(state, by) : movedTo(state, currentStop(state) + by);
  if (key === "Home") return movedTo(state, 0);
  return key === "End" ? movedTo(state, Number.POSITIVE_INFINITY) : null;
}

/** How much of all the steps of both is computed, seen or not: 0 to 1. */
export function fractionDone(state: DrawState): number {
  return fractionOf(askedGenerations(state));
}
