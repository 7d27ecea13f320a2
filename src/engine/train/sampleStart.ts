import { SAMPLERS, type Sampler } from "../diffusion/samplers.ts";

/** The images that sampling begins with. */
export type SampleStart =
  /** Pure noise, x_T; the same for all images, to see what labels change, or each its own when left out. */
  | { from: "noise"; isShared?: boolean }
  /** Two images in [-1, 1], `[2, 28, 28]`, noised to timestep t, 1 to T - 1, and mixed in growing shares. */
  | { from: "pair"; images: Float32Array; t: number }
  /** An image in [-1, 1], `[28, 28]`, noised to timestep t in [0, T). */
  | { from: "image"; image: Float32Array; t: number };

/**
 * The timesteps that a sampler visits from a start, falling; the last is -1, the finished image. A start
 * with less noise takes proportionally fewer steps, at least one.
 */
export function timestepsFrom(
  start: SampleStart,
  sampler: Sampler,
  numTimesteps: number,
): number[] {
  const { kind, timesteps: numSteps = numTimesteps } = sampler;
  const numLeft = numTimestepsLeft(start, numTimesteps);
  const numStepsLeft = Math.max(1, Math.round((numSteps * numLeft) / numTimesteps));
  return SAMPLERS[kind].timesteps(numLeft, numStepsLeft);
}

function numTimestepsLeft(start: SampleStart, numTimesteps: number): number {
  if (start.from === "noise") return numTimesteps;
  // Two images are denoised from t - 1 on, as `interpolate` of lucidrains' library does.
  return start.from === "pair" ? start.t : start.t + 1;
}
