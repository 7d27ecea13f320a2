/**
 * Frames of one or two generations on a common scale, from 1 to 0, the finished digits. It is the noise level (t + 1) / T,
 * where 1 is pure noise; where the noise also rises on the way, the share of the steps that are left. Pure.
 */

import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { frameStride } from "../../../../engine/config/sampling.ts";
import type { Frame, Generation } from "../../../state/slices/generation.ts";

export interface Frames extends Pick<Generation, "times" | "frames"> {
  /** T. */
  numTimesteps: number;
}

/** By the timesteps, which are immutable: the scrubber asks for them often. */
const known = new WeakMap<readonly number[], readonly number[]>();

/** Where each frame stands, falling from at most 1 to 0. */
export function levelsOf({
  times,
  numTimesteps,
}: Pick<Frames, "times" | "numTimesteps">): readonly number[] {
  const levels = known.get(times) ?? computedLevels(times, numTimesteps);
  known.set(times, levels);
  return levels;
}

/** Whether noise is also added on the way: images are inverted, or a part of the way is walked again. */
export function hasRises(times: readonly number[]): boolean {
  return times.some((t, i) => i > 0 && t > (times[i - 1] as number));
}

function computedLevels(times: readonly number[], numTimesteps: number): number[] {
  const last = times.length - 1;
  const isByStep = hasRises(times);
  return times.map((t, i) => (isByStep ? 1 - i / last : (t + 1) / numTimesteps));
}

/** Where any of them has or will have a kept frame, falling. */
export function stopsOf(
  all: readonly (Omit<Frames, "frames"> & { request: { count: number } })[],
): number[] {
  const stops = new Set<number>();
  for (const { times, numTimesteps, request } of all) {
    const stride = frameStride(times.length - 1, request.count);
    for (const [index, level] of levelsOf({ times, numTimesteps }).entries()) {
      if (index % stride === 0 || index === times.length - 1) stops.add(level);
    }
  }
  return [...stops].sort((a, b) => b - a);
}

/** The newest frame that has not passed a level, else the first; null before there is one. */
export function frameAt({ times, numTimesteps, frames }: Frames, level: number): Frame | null {
  const levels = levelsOf({ times, numTimesteps });
  const found = frames.findLast(({ index }) => (levels[index] as number) >= level);
  return found ?? frames[0] ?? null;
}

export type Shown = "xt" | "x0";

/** The pixels to show of a frame; x_t while its x_0 is not computed yet. */
export function pixelsOf(frame: Frame, shown: Shown): Uint8Array {
  return shown === "x0" ? (frame.x0 ?? frame.pixels) : frame.pixels;
}

/** Mean absolute change of a pixel, in gray levels, 0 to 255, `[count]`, by step. */
export interface Changes {
  xt: readonly Float32Array[];
  /** Changes of the predictions; one step behind while they are computed. */
  x0: readonly Float32Array[];
  /** The newest prediction, `[count, 28, 28]`; null before there is one. */
  newestX0: Uint8Array | null;
}

export const NO_CHANGES: Changes = { xt: [], x0: [], newestX0: null };

/** Adds the change that the next step makes, whose frame is not in the generation yet. */
export function withChange(
  { times, frames, changes }: Pick<Frames, "times" | "frames"> & { changes: Changes },
  { index, pixels, x0 }: Frame,
): Changes {
  const before = frames.at(-1);
  // At the end the prediction is the digit itself.
  const end = index === times.length - 1 ? pixels : null;
  const predictions = [changes.newestX0, x0, end].filter((images) => images !== null);
  return {
    xt: before ? [...changes.xt, meanChanges(before.pixels, pixels)] : changes.xt,
    x0: [
      ...changes.x0,
      ...predictions.slice(1).map((after, i) => meanChanges(predictions[i] ?? after, after)),
    ],
    newestX0: x0 ?? changes.newestX0,
  };
}

function meanChanges(before: Uint8Array, after: Uint8Array): Float32Array {
  return Float32Array.from({ length: after.length / NUM_PIXELS }, (_, digit) => {
    let sum = 0;
    const end = (digit + 1) * NUM_PIXELS;
    for (let i = digit * NUM_PIXELS; i < end; i++) {
      sum += Math.abs((after[i] as number) - (before[i] as number));
    }
    return sum / NUM_PIXELS;
  });
}

export interface Change {
  /** Timestep after the step, and where it stands on the scale. */
  t: number;
  level: number;
  /** Mean absolute change of a pixel, in gray levels, 0 to 255. */
  change: number;
}

/** How much each step changes one digit. */
export function changesOf(
  { times, numTimesteps, changes }: Omit<Frames, "frames"> & { changes: Changes },
  digit: number,
  shown: Shown,
): Change[] {
  const levels = levelsOf({ times, numTimesteps });
  return changes[shown].map((ofDigits, i) => ({
    t: times[i + 1] as number,
    level: levels[i + 1] as number,
    change: ofDigits[digit] ?? 0,
  }));
}
