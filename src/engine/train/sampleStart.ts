import type { RunConfig } from "../config/hyperparameters.ts";
import { samplerOf } from "../config/sampling.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { createSchedule } from "../diffusion/schedule.ts";
import { DEFAULT_SPACING, type NoiseLevels, SPACINGS } from "../diffusion/spacings.ts";
import { randomNormals, samplingKey } from "../random.ts";

/** The images that sampling begins with. */
export type SampleStart =
  /**
   * Pure noise, x_T; the same for all images, to see what labels change, or each its own when left out. With
   * `mixes` each is mixed of the noises of the first images (`mixedNormals`).
   */
  | { from: "noise"; isShared?: boolean; mixes?: readonly (readonly number[])[] }
  /** Two images in [-1, 1], `[2, 28, 28]`, noised to timestep t (`pairTimestep`), and mixed in growing shares. */
  | { from: "pair"; images: Float32Array; t: number }
  /** An image in [-1, 1], `[28, 28]`, noised to timestep t in [0, T). */
  | { from: "image"; image: Float32Array; t: number };

/**
 * The noise that a sampler begins with, mixed of that of a batch's first images: image i is the sum over j of
 * mixes[i][j] times the noise of image j. It is standard normal where the squares of its shares add up to 1.
 *
 * @returns `[mixes.length, length]`
 */
export function mixedNormals(
  seed: number,
  mixes: readonly (readonly number[])[],
  length: number,
): Float32Array<ArrayBuffer> {
  const mixed = new Float32Array(mixes.length * length);
  const numNoises = Math.max(0, ...mixes.map((shares) => shares.length));
  for (let j = 0; j < numNoises; j++) {
    const noise = randomNormals(samplingKey({ seed, image: j, step: 0 }), length);
    for (const [image, shares] of mixes.entries()) {
      const [share, from] = [shares[j] ?? 0, image * length];
      for (let i = 0; i < length; i++) {
        mixed[from + i] = (mixed[from + i] as number) + share * (noise[i] as number);
      }
    }
  }
  return mixed;
}

/** The timesteps that a sampler visits from a start, falling; the last is -1, the finished image. */
export function timestepsFrom(
  start: SampleStart,
  { timesteps, spacing = DEFAULT_SPACING }: Sampler,
  levels: NoiseLevels,
): number[] {
  return SPACINGS[spacing].timesteps(levels, timesteps ?? levels.numTimesteps, firstOf(start));
}

/** The timesteps that the previews of a run visit, falling; the last is -1, the finished image. */
export function previewTimes(config: RunConfig): number[] {
  const sampler = samplerOf(config.previewTimesteps, config);
  return timestepsFrom({ from: "noise" }, sampler, createSchedule(config));
}

/** The timestep of the first images; null for pure noise. */
function firstOf(start: SampleStart): number | null {
  if (start.from === "noise") return null;
  // Two images are denoised from t - 1 on, as `interpolate` of lucidrains' library does.
  return start.from === "pair" ? Math.max(0, start.t - 1) : start.t;
}
