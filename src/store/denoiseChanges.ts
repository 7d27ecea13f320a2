/** How much each step of a generation changes its digits, kept for every step as it comes. Pure. */
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { type DenoiseFrame, type Frames, levelOf, type Shown } from "./denoiseFrames.ts";

/** Mean absolute change of a pixel, in grey levels, 0 to 255, `[count]`, by step. */
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
  /** Mean absolute change of a pixel, in grey levels, 0 to 255. */
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
