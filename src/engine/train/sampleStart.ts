import type { RunConfig } from "../config/hyperparameters.ts";
import { samplerOf } from "../config/sampling.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { createSchedule } from "../diffusion/schedule.ts";
import { type NoiseLevels, SPACINGS } from "../diffusion/spacings.ts";

/** The images that sampling begins with. */
export type SampleStart =
  /** Pure noise, x_T; the same for all images, to see what labels change, or each its own when left out. */
  | { from: "noise"; isShared?: boolean }
  /** Two images in [-1, 1], `[2, 28, 28]`, noised to timestep t, 1 to T - 1, and mixed in growing shares. */
  | { from: "pair"; images: Float32Array; t: number }
  /** An image in [-1, 1], `[28, 28]`, noised to timestep t in [0, T). */
  | { from: "image"; image: Float32Array; t: number };

/** The timesteps that a sampler visits from a start, falling; the last is -1, the finished image. */
export function timestepsFrom(
  start: SampleStart,
  { timesteps, spacing = "even" }: Sampler,
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
  return start.from === "pair" ? start.t - 1 : start.t;
}
