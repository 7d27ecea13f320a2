/** What a generation begins with, drawn before the worker does: the very pixels of its first frame. Pure. */
import { NUM_PIXELS } from "../../config/hyperparameters.ts";
import { pairShares, pairTimestep } from "../../config/noiseLevel.ts";
import { pairNoiseKey, randomNormals } from "../../random.ts";
import type { Noising } from "../../store/denoise.ts";
import type { SideRequest } from "../../store/denoiseSettings.ts";
import { alphaBarsOf } from "../alphaBars.ts";
import { noiseOf, startNoise, toGreys } from "../startNoise.ts";
import { noisedImage, qSample } from "./noisedImage.ts";

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
      return start.images && mixedPair(start.images, { count, seed, noising });
    case "image": {
      const alphaBar = alphaBarsOf(noising)[start.t] ?? 1;
      const pixels = new Uint8Array(count * NUM_PIXELS);
      for (let i = 0; i < count; i++) {
        pixels.set(noisedImage(start.image, { alphaBar, eps: noiseOf(seed, i) }), i * NUM_PIXELS);
      }
      return pixels;
    }
    default:
      throw start satisfies never;
  }
}

/** (1 - share) x_t + share x'_t, as in diffusion/interpolation.ts. */
function mixedPair(
  images: Uint8Array,
  { count, seed, noising }: { count: number; seed: number; noising: Noising },
): Uint8Array {
  const t = pairTimestep(noising.interpolationNoise, noising.timesteps);
  const alphaBar = alphaBarsOf(noising)[t] ?? 1;
  const eps = randomNormals(pairNoiseKey(seed), 2 * NUM_PIXELS);
  const [first, second] = [0, NUM_PIXELS].map((from) => {
    const part = { alphaBar, eps: eps.subarray(from, from + NUM_PIXELS) };
    return qSample(images.subarray(from, from + NUM_PIXELS), part);
  }) as [number[], number[]];
  const mixes = pairShares(count).flatMap((share) =>
    first.map((value, i) => (1 - share) * value + share * (second[i] as number)),
  );
  return toGreys(mixes);
}
