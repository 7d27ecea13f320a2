import type { Sampler } from "../diffusion/samplers.ts";
import type { RunConfig } from "./hyperparameters.ts";

/** Most of them that a person asks for at once. */
export const MAX_DIGITS = 100;

/** A square, which leaves no ragged row in most boxes. */
export const DEFAULT_DIGITS = 36;

/** What a number of steps means where nothing else is said: T of them are ancestral sampling. */
export function samplerOf(
  numSteps: number,
  { timesteps, ddimEta }: Pick<RunConfig, "timesteps" | "ddimEta">,
): Sampler {
  if (numSteps === timesteps) return { kind: "ancestral" };
  return { kind: "ddim", timesteps: numSteps, eta: ddimEta };
}
