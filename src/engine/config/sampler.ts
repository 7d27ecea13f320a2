import type { Sampler } from "../diffusion/samplers.ts";
import type { RunConfig } from "./hyperparameters.ts";

/** How many digits can be drawn at once. */
export const MAX_DIGITS = 100;

/** A square number fills a grid without an incomplete row. */
export const DEFAULT_DIGITS = 36;

/** The sampler for a number of steps: ancestral sampling for all T, DDIM for fewer. */
export function samplerOf(
  numSteps: number,
  { timesteps, ddimEta }: Pick<RunConfig, "timesteps" | "ddimEta">,
): Sampler {
  if (numSteps === timesteps) return { kind: "ancestral" };
  return { kind: "ddim", timesteps: numSteps, eta: ddimEta };
}
