import { type Sampler, samplerEntry, samplerWith } from "../diffusion/samplers.ts";
import type { RunConfig } from "./hyperparameters.ts";

/** How many digits can be drawn at once. */
export const MAX_DIGITS = 100;

/** A square number fills a grid without an incomplete row. */
export const DEFAULT_DIGITS = 36;

/** Up to so many steps digits come at once, and Draw draws them as soon as anything changes. */
export const MAX_LIVE_STEPS = 4;

const MAX_KEPT_DIGITS = 25_000;

/**
 * The stride from one frame that is kept to the next: 1 up to 250 steps of 100 digits or 1,000 steps of 25, whose frames
 * take 20 MB, and as much again where their x_0 are kept, too.
 */
export function frameStride(numSteps: number, count: number): number {
  return Math.max(1, Math.ceil((numSteps * count) / MAX_KEPT_DIGITS));
}

/** The settings that say how digits are drawn, apart from the number of steps. */
export type SamplerChoice = Pick<
  RunConfig,
  "timesteps" | "objective" | "samplerKind" | "stepSpacing" | "ddimEta"
>;

/** The sampler for a number of steps, which with all T may be another. */
export function samplerOf(numSteps: number, choice: SamplerChoice): Sampler {
  const { timesteps, objective, samplerKind, stepSpacing: spacing, ddimEta: eta } = choice;
  const { inAllSteps, defaultStepSize: stepSize = 0 } = samplerEntry(samplerKind, objective);
  if (inAllSteps && numSteps === timesteps) return { kind: inAllSteps };
  const settings = { timesteps: numSteps, spacing, eta, stepSize };
  return samplerWith(samplerKind, settings, objective);
}

/**
 * How far back an image is inverted, as a share of T - 1, in how many steps, and with how much guidance it becomes another
 * digit, where nothing else is chosen: so 99 of 100 threes become eights, and stay near to their three (docs/performance.md).
 */
export const INVERSION = { back: 0.9, steps: 50, guidance: 3 } as const;

/** The settings of a network where an image is inverted: it goes to its noise and back by DDIM. */
export function inversionConfig(config: RunConfig): RunConfig {
  return {
    ...config,
    samplerKind: "ddim",
    ddimEta: 0,
    stepSpacing: "logSnr",
    samplingTimesteps: Math.min(INVERSION.steps, config.timesteps),
    guidance: INVERSION.guidance,
  };
}

/** How often parts of the way are walked at most when a part of an image is filled in. */
export const MAX_RESAMPLINGS = 20;

/** The timestep of a single image, in [0, T). */
export function imageTimestep(share: number, numTimesteps: number): number {
  return Math.round(share * (numTimesteps - 1));
}

/** The timestep of two images to be mixed: 1 to T - 1, since they are denoised from t - 1 on; 0 where it is the only one. */
export function pairTimestep(share: number, numTimesteps: number): number {
  return Math.min(numTimesteps - 1, Math.max(1, imageTimestep(share, numTimesteps)));
}

/** The share of the second image in each of `count` mixtures: evenly from 0 to 1, or 0.5 for a single one. */
export function pairShares(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0.5 : i / (count - 1)));
}
