/** What a generation begins with, drawn before the worker does: the very pixels of its first frame. Pure. */
import { pairShares, pairTimestep } from "../../../engine/config/noiseLevel.ts";
import {
  noisedImage,
  noisedMidpoints,
  toModelRange,
  toPixels,
} from "../../../engine/diffusion/noising.ts";
import { createSchedule } from "../../../engine/diffusion/schedule.ts";
import { pairNoiseKey, randomNormals } from "../../../engine/random.ts";
import { noiseOf, startNoise } from "../../shared/images/startNoise.ts";
import type { Noising } from "./state/denoise.ts";
import type { SideRequest } from "./state/denoiseSettings.ts";

/** A generation, or one that would be asked for. */
export interface Beginning {
  request: Pick<SideRequest, "count" | "seed" | "start">;
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
      const [schedule, x0] = [createSchedule(noising), toModelRange(start.image)];
      const noised = Array.from({ length: count }, (_, i) => [
        ...noisedImage(schedule, { x0, eps: noiseOf(seed, i), t: start.t }),
      ]);
      return toPixels(noised.flat());
    }
    default:
      throw start satisfies never;
  }
}
