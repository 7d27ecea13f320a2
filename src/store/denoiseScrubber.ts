/** Where the scrubber of the denoising view stands, and what is seen there. Pure. */
import {
  askedGenerations,
  type DenoiseState,
  type Generation,
  isGenerating,
  shownGenerations,
} from "./denoise.ts";
import { type DenoiseFrame, frameAt, levelOf, stopsOf } from "./denoiseFrames.ts";
import { SIDES, type Side } from "./denoiseSettings.ts";

/** Those that are seen, the first first. */
export function generationsOf(state: DenoiseState): Generation[] {
  const generations = shownGenerations(state);
  return SIDES.flatMap((side) => generations[side] ?? []);
}

/** Those that may be seen: on their way only the noise, for who wants little motion. */
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

/** Until all that was asked for is there, as it goes now; null when that cannot be told yet. */
export function timeLeftMs(state: DenoiseState, nowMs: number): number | null {
  const all = askedGenerations(state);
  const running = all.find(({ status }) => status === "sampling");
  const done = running?.frames.at(-1)?.index ?? 0;
  if (!running || running.startedMs === null || done < 1) return null;
  const msPerStep = (nowMs - running.startedMs) / done;
  const waiting = all.filter(({ status }) => status === "waiting");
  const numLeft = [running, ...waiting].reduce((sum, { times }) => sum + times.length - 1, -done);
  return numLeft * msPerStep;
}
