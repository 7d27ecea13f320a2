/** The shown digits; before the worker's first frame, the same pixels computed on the page. Pure. */

import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { pairShares, pairTimestep } from "../../../../engine/config/sampling.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import {
  noisedImage,
  noisedMidpoints,
  toModelRange,
  toPixels,
} from "../../../../engine/diffusion/noising.ts";
import { numTimestepsOf } from "../../../../engine/diffusion/objectives.ts";
import { createSchedule } from "../../../../engine/diffusion/schedule.ts";
import { pairNoiseKey, randomNormals } from "../../../../engine/random.ts";
import { mixedNormals } from "../../../../engine/train/sampleStart.ts";
import type { AskedFor } from "../../../../runtime/sampling/ask.ts";
import { noiseOf, startNoise } from "../../../shared/images/startNoise.ts";
import type { Asked, Noising, Side } from "./drawSettings.ts";
import { type DrawState, shownFrame, shownGenerations } from "./drawState.ts";
import { pixelsOf } from "./frames.ts";

/** What determines the first frame of a generation. */
export interface Beginning {
  request: Pick<Asked["request"], "count" | "seed" | "start">;
  noising: Noising;
  askedFor?: AskedFor;
}

/** By request, which is immutable: the grid is painted often. */
const known = new WeakMap<Beginning["request"], Uint8Array>();

/** The first frame, `[count, 28, 28]`; null while the two images to interpolate between are unknown. */
export function beginningPixels({ request, noising }: Beginning): Uint8Array | null {
  const pixels = known.get(request) ?? drawn(request, noising);
  if (pixels) known.set(request, pixels);
  return pixels;
}

function drawn({ count, seed, start }: Beginning["request"], noising: Noising): Uint8Array | null {
  switch (start.kind) {
    case "noise":
      if (start.mixes) return toPixels(mixedNormals(seed, start.mixes.slice(0, count), NUM_PIXELS));
      return start.isShared ? sharedNoise(seed, count) : startNoise(seed, count);
    case "pair":
      return (
        start.images &&
        toPixels(
          noisedMidpoints(createSchedule(noising), {
            x0: toModelRange(start.images),
            eps: randomNormals(pairNoiseKey(seed), start.images.length),
            t: pairTimestep(noising.interpolationNoise, numTimestepsOf(noising)),
            shares: pairShares(count),
          }),
        )
      );
    case "image": {
      const digits = Array.from({ length: count }, (_, digit) => ({ digit, t: start.t }));
      return noisedPixels(noising, { image: start.image, seed }, digits);
    }
    case "filling":
    case "readings":
      return startNoise(seed, count);
    case "inversion":
      return repeated(count, () => start.image);
    case "arc":
      return repeated(count, (i) => imageAt(start.images, Math.round(i / Math.max(1, count - 1))));
    default:
      throw start satisfies never;
  }
}

function repeated(count: number, imageOf: (i: number) => Uint8Array): Uint8Array {
  const pixels = new Uint8Array(count * NUM_PIXELS);
  for (let i = 0; i < count; i++) pixels.set(imageOf(i), i * NUM_PIXELS);
  return pixels;
}

/** All with the noise of the first. */
function sharedNoise(seed: number, count: number): Uint8Array {
  const first = startNoise(seed, 1);
  return repeated(count, () => first);
}

/**
 * An image with the noise of some digits of a batch, each up to a timestep, -1 for none: `[n, 28, 28]`.
 *
 * @param of.image `[28, 28]`, 0 black to 255 white
 */
export function noisedPixels(
  noising: Noising,
  { image, seed }: { image: Uint8Array; seed: number },
  pictures: readonly { digit: number; t: number }[],
): Uint8Array {
  const [schedule, x0] = [createSchedule(noising), toModelRange(image)];
  const pixels = new Uint8Array(pictures.length * NUM_PIXELS);
  for (const [i, { digit, t }] of pictures.entries()) {
    const noised = noisedImage(schedule, { x0, eps: noiseOf(seed, digit), t });
    pixels.set(toPixels(noised), i * NUM_PIXELS);
  }
  return pixels;
}

/**
 * The shown digits of a side, `[count, 28, 28]`.
 *
 * @param next what it would begin with if Generate were pressed now; null when that is not known
 */
export function shownPixels(
  state: DrawState,
  side: Side,
  { count, next }: { count: number; next: Beginning | null },
): Uint8Array {
  const pixels = knownPixels(state, side, next);
  // The grid may not be laid out for a new count yet.
  return pixels?.length === count * NUM_PIXELS ? pixels : new Uint8Array(count * NUM_PIXELS);
}

function knownPixels(state: DrawState, side: Side, next: Beginning | null): Uint8Array | null {
  const generation = shownGenerations(state)[side];
  const frame = shownFrame(state, side);
  if (frame) return pixelsOf(frame, state.shown);
  const beginning = generation ?? next;
  const pixels = beginning && beginningPixels(beginning);
  // B starts like A: where the worker chose the pair, it is known from A's first frame.
  return pixels ?? shownGenerations(state).a?.frames[0]?.pixels ?? null;
}
