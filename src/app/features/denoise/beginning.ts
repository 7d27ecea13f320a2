/** The digits that are looked at; before the worker has drawn any, the very pixels of its first frame. Pure. */
import { NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { pairShares, pairTimestep } from "../../../engine/config/sampling.ts";
import {
  noisedImage,
  noisedMidpoints,
  toModelRange,
  toPixels,
} from "../../../engine/diffusion/noising.ts";
import { createSchedule } from "../../../engine/diffusion/schedule.ts";
import { pairNoiseKey, randomNormals } from "../../../engine/random.ts";
import { noiseOf, startNoise } from "../../shared/images/startNoise.ts";
import { type DenoiseState, shownFrame, shownGenerations } from "./state/denoise.ts";
import { pixelsOf } from "./state/denoiseFrames.ts";
import type { Asked, Noising, Side } from "./state/denoiseSettings.ts";

/** A generation, or one that would be asked for. */
export interface Beginning {
  request: Pick<Asked["request"], "count" | "seed" | "start">;
  noising: Noising;
}

/** By request, which is never changed: they are drawn again and again. */
const known = new WeakMap<Beginning["request"], Uint8Array>();

/** `[count, 28, 28]`; null while the two images are not there that it goes between. */
export function beginningPixels({ request, noising }: Beginning): Uint8Array | null {
  const pixels = known.get(request) ?? drawn(request, noising);
  if (pixels) known.set(request, pixels);
  return pixels;
}

function drawn({ count, seed, start }: Beginning["request"], noising: Noising): Uint8Array | null {
  switch (start.kind) {
    case "noise":
      return startNoise(seed, count);
    case "pair":
      return (
        start.images &&
        toPixels(
          noisedMidpoints(createSchedule(noising), {
            x0: toModelRange(start.images),
            eps: randomNormals(pairNoiseKey(seed), start.images.length),
            t: pairTimestep(noising.interpolationNoise, noising.timesteps),
            shares: pairShares(count),
          }),
        )
      );
    case "image": {
      const digits = Array.from({ length: count }, (_, digit) => ({ digit, t: start.t }));
      return noisedPixels(noising, { image: start.image, seed }, digits);
    }
    default:
      throw start satisfies never;
  }
}

/**
 * An image with noise, `[n, 28, 28]`: that of a digit of a batch up to a timestep, -1 for none.
 *
 * @param of.image `[28, 28]`, 0 black to 255 white
 */
export function noisedPixels(
  noising: Noising,
  { image, seed }: { image: Uint8Array; seed: number },
  pictures: readonly { digit: number; t: number }[],
): Uint8Array {
  const [schedule, x0] = [createSchedule(noising), toModelRange(image)];
  return toPixels(
    pictures.flatMap(({ digit, t }) => [
      ...noisedImage(schedule, { x0, eps: noiseOf(seed, digit), t }),
    ]),
  );
}

/**
 * The digits of a side that are looked at now, `[count, 28, 28]`; before its first frame, what it begins with.
 *
 * @param next what it would begin with if it were asked for now; null when that is not known
 */
export function shownPixels(
  state: DenoiseState,
  side: Side,
  { count, next }: { count: number; next: Beginning | null },
): Uint8Array {
  const pixels = knownPixels(state, side, next);
  // Another batch may have come that the grid is not laid out for yet.
  return pixels?.length === count * NUM_PIXELS ? pixels : new Uint8Array(count * NUM_PIXELS);
}

function knownPixels(state: DenoiseState, side: Side, next: Beginning | null): Uint8Array | null {
  const generation = shownGenerations(state)[side];
  const frame = shownFrame(state, side);
  if (frame) return pixelsOf(frame, state.shown);
  const beginning = generation ?? next;
  const pixels = beginning && beginningPixels(beginning);
  // Two that the worker has chosen are in the other's frame.
  return pixels ?? shownGenerations(state).a?.frames[0]?.pixels ?? null;
}
