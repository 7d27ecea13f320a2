/**
 * Frames of one or two generations on a common scale, the noise level (t + 1) / T: 1 is pure noise, 0
 * the finished digits. Pure.
 */

import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { frameStride } from "../../../../engine/config/sampling.ts";
import type { Frame, Generation } from "../../../state/slices/generation.ts";

export interface Frames extends Pick<Generation, "times" | "frames"> {
  /** T. */
  numTimesteps: number;
}

export function levelOf(t: number, numTimesteps: number): number {
  return (t + 1) / numTimesteps;
}

/** The noise levels at which any of them has or will have a kept frame, falling. */
export function stopsOf(
  all: readonly (Omit<Frames, "frames"> & { request: { count: number } })[],
): number[] {
  const stops = new Set<number>();
  for (const { times, numTimesteps, request } of all) {
    const stride = frameStride(times.length - 1, request.count);
    for (const [index, t] of times.entries()) {
      if (index % stride === 0 || index === times.length - 1) stops.add(levelOf(t, numTimesteps));
    }
  }
  return [...stops].sort((a, b) => b - a);
}

/** The newest frame with at least the noise of a level, else the first; null before there is one. */
export function frameAt({ times, numTimesteps, frames }: Frames, level: number): Frame | null {
  const found = frames.findLast(
    ({ index }) => levelOf(times[index] as number, numTimesteps) >= level,
  );
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
  /** Timestep after the step, and its noise level. */
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
  return changes[shown].map((ofDigits, i) => {
    const t = times[i + 1] as number;
    return { t, level: levelOf(t, numTimesteps), change: ofDigits[digit] ?? 0 };
  });
}
