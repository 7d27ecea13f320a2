/** The denoising view's own state, loaded with it: the page's first load does without. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import type { WorkerEvent } from "../../../../runtime/run/events.ts";
import { NOT_PLAYING, type Playback } from "../../../shared/images/usePlayback.ts";
import {
  type Changes,
  type DenoiseFrame,
  frameAt,
  levelOf,
  NO_CHANGES,
  type Shown,
  stopsOf,
  withChange,
  withFrame,
} from "./denoiseFrames.ts";
import { type DenoiseSettings, SIDES, type Side, type SideRequest } from "./denoiseSettings.ts";
import type { Stroke } from "./drawing.ts";

/** The settings that noise follows from, with how far two digits are noised to go between them. */
export type Noising = Pick<
  RunConfig,
  "betaSchedule" | "timesteps" | "objective" | "minSnrGamma" | "interpolationNoise"
>;

/** One batch of digits that was asked for. */
export interface Generation {
  sampleId: string;
  request: SideRequest;
  /** T of its network. */
  numTimesteps: number;
  /** What it was noised by, whatever the settings say by now. */
  noising: Noising;
  /** `interrupted`: it ended before its time, and nobody had asked for that. */
  status: "waiting" | "sampling" | "done" | "cancelled" | "interrupted" | "failed";
  /** Asked to end; the worker has not answered yet. */
  isCancelling: boolean;
  /** Why it failed. */
  message: string | null;
  times: readonly number[];
  frames: readonly DenoiseFrame[];
  /** Of all steps, also those whose frames are not kept. */
  changes: Changes;
  /** The images it is between, or of; null from noise. */
  sources: Uint8Array | null;
  /** Null when nobody knows, or not yet. */
  trainedSteps: number | null;
  elapsedMs: number | null;
}

interface ShownImage {
  index: number;
  label: number;
  pixels: Uint8Array;
}

export type Generations = Readonly<Record<Side, Generation | null>>;

/** What was chosen to start from. */
type StartChoice = Pick<DenoiseSettings, "start" | "digit" | "pair" | "seed"> &
  Pick<DenoiseState, "strokes">;

export interface DenoiseState extends Playback {
  settings: DenoiseSettings;
  /** As they were asked for last; for what is to be seen see `shownGenerations`. */
  generations: Generations;
  /** What they begin with; null before the first. */
  startedFrom: StartChoice | null;
  /** Where the scrubber stands among the stops; null follows what is computed. */
  stop: number | null;
  /** The person prefers reduced motion: only finished digits are shown, and their steps after that. */
  isStill: boolean;
  shown: Shown;
  /** The digit that is looked at closely. */
  picked: number;
  /** Images of the dataset to choose from. */
  gallery: readonly ShownImage[];
  /** All that have been seen, by their place. */
  images: ReadonlyMap<number, Uint8Array>;
  strokes: readonly Stroke[];
}

const NO_GENERATIONS: Generations = { a: null, b: null };

export type DenoiseStore = StoreApi<DenoiseState>;

export function createDenoiseStore(settings: DenoiseSettings): DenoiseStore {
  return createStore<DenoiseState>(() => ({
    settings,
    generations: NO_GENERATIONS,
    startedFrom: null,
    ...NOT_PLAYING,
    stop: null,
    isStill: false,
    shown: "xt",
    picked: 0,
    gallery: [],
    images: new Map(),
    strokes: [],
  }));
}

/**
 * The generations that start from what is chosen now. Others are kept, and shown again when their
 * start is chosen again.
 */
export function shownGenerations(state: DenoiseState): Generations {
  const { generations, startedFrom, settings, strokes } = state;
  const isShown = startedFrom && isSameStart(startedFrom, { ...settings, strokes });
  return isShown ? generations : NO_GENERATIONS;
}

/** All that were asked for last, seen or not. */
export function askedGenerations({ generations: { a, b } }: DenoiseState): Generation[] {
  return [a, b].filter((generation) => generation !== null);
}

/** Whether anything is computed, also what is not seen since the start was changed. */
export function isGenerating(state: DenoiseState): boolean {
  return askedGenerations(state).some(isUnderWay);
}

function isSameStart(before: StartChoice, now: StartChoice): boolean {
  if (before.start !== now.start) return false;
  switch (now.start) {
    case "noise":
      return true;
    case "pair":
      return (before.pair?.join() ?? before.seed) === (now.pair?.join() ?? now.seed);
    case "digit":
      return before.digit === now.digit;
    case "drawing":
      return before.strokes === now.strokes;
    default:
      throw now.start satisfies never;
  }
}

type Asked = Pick<Generation, "sampleId" | "request" | "numTimesteps" | "noising">;

/** New generations take the place of both; the scrubber follows them. */
export function withRequests(
  state: DenoiseState,
  asked: Partial<Record<Side, Asked>>,
): DenoiseState {
  const generation = (side: Side): Generation | null => {
    const request = asked[side];
    return request ? { ...request, ...NOTHING_YET } : null;
  };
  const count = asked.a?.request.count ?? 1;
  return {
    ...state,
    generations: { a: generation("a"), b: generation("b") },
    startedFrom: { ...state.settings, strokes: state.strokes },
    stop: null,
    isPlaying: false,
    picked: Math.min(state.picked, count - 1),
  };
}

const NOTHING_YET = {
  status: "waiting",
  isCancelling: false,
  message: null,
  times: [],
  frames: [],
  changes: NO_CHANGES,
  sources: null,
  trainedSteps: null,
  elapsedMs: null,
} as const;

/** What is under way was asked to end: what the worker says to that is no surprise. */
export function withCancelling(state: DenoiseState): DenoiseState {
  return changed(state, isUnderWay, () => ({ isCancelling: true }));
}

/** The state after an event of the worker. */
export function afterWorkerEvent(state: DenoiseState, event: WorkerEvent): DenoiseState {
  switch (event.type) {
    case "images": {
      const gallery = event.indices.map((index, i) => ({
        index,
        label: event.labels[i] as number,
        pixels: imageAt(event.pixels, i),
      }));
      const seen = gallery.map(({ index, pixels }) => [index, pixels] as const);
      return { ...state, gallery, images: new Map([...state.images, ...seen]) };
    }
    // The places are those of other images now.
    case "datasetReady":
      return { ...state, gallery: [], images: new Map() };
    case "fault":
      return changed(state, isUnderWay, () => ({ status: "failed", message: event.message }));
    case "sampleStarted": {
      const { times, sources, trainedSteps } = event;
      return changed(state, isOf(event), () => ({ times, sources, trainedSteps }));
    }
    case "sampleFrame":
      return changed(state, isOf(event), (generation) => ({
        status: "sampling",
        frames: withFrame(generation, event),
        changes: withChange(generation.changes, {
          before: generation.frames.at(-1),
          added: event,
          isLast: event.index === generation.times.length - 1,
        }),
      }));
    case "sampleDone": {
      const { elapsedMs } = event;
      return changed(state, isOf(event), () => ({ status: "done", elapsedMs }));
    }
    case "sampleCancelled":
      return changed(state, isUnderWayOf(event), ({ isCancelling }) => ({
        status: isCancelling ? "cancelled" : "interrupted",
      }));
    case "sampleFailed": {
      const { message } = event;
      return changed(state, isUnderWayOf(event), () => ({ status: "failed", message }));
    }
    default:
      return state;
  }
}

function isOf({ sampleId }: { sampleId: string }) {
  return (generation: Generation) => generation.sampleId === sampleId;
}

function isUnderWayOf({ sampleId }: { sampleId: string }) {
  return (generation: Generation) => generation.sampleId === sampleId && isUnderWay(generation);
}

function changed(
  state: DenoiseState,
  isMeant: (generation: Generation) => boolean,
  change: (generation: Generation) => Partial<Generation>,
): DenoiseState {
  const { a, b } = state.generations;
  const after = (generation: Generation | null) =>
    generation && isMeant(generation) ? { ...generation, ...change(generation) } : generation;
  const generations = { a: after(a), b: after(b) };
  if (generations.a === a && generations.b === b) return state;
  return { ...state, generations };
}

export function isUnderWay(generation: Generation | null): generation is Generation {
  return generation?.status === "waiting" || generation?.status === "sampling";
}

/** Those that are seen, the first first. */
export function generationsOf(state: DenoiseState): Generation[] {
  const generations = shownGenerations(state);
  return SIDES.flatMap((side) => generations[side] ?? []);
}

/** The frames that may be shown: with reduced motion only the noise, until the digits are finished. */
export function seenFrames(
  { isStill }: Pick<DenoiseState, "isStill">,
  generation: Generation,
): readonly DenoiseFrame[] {
  const { frames, status } = generation;
  return isStill && status === "sampling" ? frames.slice(0, 1) : frames;
}

/** The noise levels the scrubber can stand at. */
export function stops(state: DenoiseState): number[] {
  return stopsOf(generationsOf(state));
}

/** Where the scrubber stands; while it follows, at the newest frame of what is computed. */
export function currentStop(state: DenoiseState, all: readonly number[] = stops(state)): number {
  if (state.stop !== null) return Math.min(state.stop, Math.max(0, all.length - 1));
  const generations = generationsOf(state);
  const underWay = generations.find(({ status }) => status === "sampling") ?? generations.at(-1);
  const newest = underWay && seenFrames(state, underWay).at(-1);
  if (!newest) return 0;
  const level = levelOf(underWay.times[newest.index] as number, underWay.numTimesteps);
  const stop = all.findLastIndex((at) => at >= level);
  return Math.max(0, stop);
}

/** The frame of a side that the scrubber stands at; null before there is one. */
export function shownFrame(state: DenoiseState, side: Side): DenoiseFrame | null {
  const generation = shownGenerations(state)[side];
  if (!generation) return null;
  const frames = seenFrames(state, generation);
  if (state.stop === null) return frames.at(-1) ?? null;
  return frameAt({ ...generation, frames }, stops(state)[state.stop] ?? 0);
}

/** At the end it follows again what is computed. */
export function withStop(state: DenoiseState, stop: number): DenoiseState {
  const last = stops(state).length - 1;
  const isAtEnd = stop >= last && !isGenerating(state);
  return { ...state, stop: isAtEnd ? null : Math.max(0, Math.min(last, stop)) };
}

/** How much of all the steps of both is computed: 0 to 1. */
export function fractionDone(state: DenoiseState): number {
  const all = askedGenerations(state);
  const sum = (count: (generation: Generation) => number) =>
    all.reduce((total, generation) => total + count(generation), 0);
  const numSteps = sum(({ times }) => Math.max(0, times.length - 1));
  return numSteps === 0 ? 0 : sum(({ frames }) => frames.at(-1)?.index ?? 0) / numSteps;
}
