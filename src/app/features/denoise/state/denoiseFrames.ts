/**
 * The frames of one or two generations on a common scale, the noise level: (t + 1) / T, from 1, pure
 * noise, to 0, the finished digits. Pure.
 */
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { type Frame, frameStride, withNewest } from "../../../state/slices/samples.ts";

export interface DenoiseFrame extends Frame {
  /** What the network predicts from this frame; null while that is not computed. */
  x0: Uint8Array | null;
}

export interface Frames {
  /** Timestep of each frame by its index, falling; -1 at the end. */
  times: readonly number[];
  /** T. */
  numTimesteps: number;
  /** Those that are there and kept, by index, ascending. */
  frames: readonly DenoiseFrame[];
}

/**
 * With the next frame of the sampler: the x_0 that came with it was predicted from the frame before.
 *
 * @param added its x_0 as the worker sends it
 */
export function withFrame(
  { times, frames }: Pick<Frames, "times" | "frames">,
  added: DenoiseFrame,
): DenoiseFrame[] {
  const isLast = added.index === times.length - 1;
  const before = frames.map((frame) =>
    frame.index === added.index - 1 ? { ...frame, x0: added.x0 } : frame,
  );
  const stride = frameStride(times.length - 1, added.pixels.length / NUM_PIXELS);
  return withNewest(before, { ...added, x0: isLast ? added.pixels : null }, stride);
}

export function levelOf(t: number, numTimesteps: number): number {
  return (t + 1) / numTimesteps;
}

/** The noise levels at which any of them has a frame, once all have come; the highest first. */
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

/** The newest frame with still as much noise as the level, else the first; null before there is one. */
export function frameAt(
  { times, numTimesteps, frames }: Frames,
  level: number,
): DenoiseFrame | null {
  const found = frames.findLast(
    ({ index }) => levelOf(times[index] as number, numTimesteps) >= level,
  );
  return found ?? frames[0] ?? null;
}

export type Shown = "xt" | "x0";

/** The pixels of a frame that are looked at; where there is no x_0 yet, what there is. */
export function pixelsOf(frame: DenoiseFrame, shown: Shown): Uint8Array {
  return shown === "x0" ? (frame.x0 ?? frame.pixels) : frame.pixels;
}

/** Mean absolute change of a pixel, in gray levels, 0 to 255, `[count]`, by step. */
export interface Changes {
  xt: readonly Float32Array[];
  /** Of what is predicted: one step behind while it is computed, as the predictions are. */
  x0: readonly Float32Array[];
  /** The newest prediction, `[count, 28, 28]`; null before there is one. */
  newestX0: Uint8Array | null;
}

export const NO_CHANGES: Changes = { xt: [], x0: [], newestX0: null };

/**
 * With what the sampler's next step changed.
 *
 * @param before the frame that the step began with; undefined at the first frame
 * @param isLast whether `added` is the end, where the prediction is the digit itself
 */
export function withChange(
  { xt, x0, newestX0 }: Changes,
  {
    before,
    added,
    isLast,
  }: { before: DenoiseFrame | undefined; added: DenoiseFrame; isLast: boolean },
): Changes {
  const predictions = [newestX0, added.x0, isLast ? added.pixels : null];
  return {
    xt: before ? [...xt, meanChanges(before.pixels, added.pixels)] : xt,
    x0: [...x0, ...changesAlong(predictions.filter((pixels) => pixels !== null))],
    newestX0: added.x0 ?? newestX0,
  };
}

function changesAlong(images: readonly Uint8Array[]): Float32Array[] {
  return images.slice(1).map((after, i) => meanChanges(images[i] as Uint8Array, after));
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
