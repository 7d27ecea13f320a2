import type { RunConfig } from "./hyperparameters.ts";

/** Most of them that a person asks for at once. */
export const MAX_DIGITS = 100;

/** A square, which leaves no ragged row in most boxes. */
export const DEFAULT_DIGITS = 36;

/**
 * How noise becomes digits: by some of the T steps, with eta times the fresh noise of ancestral
 * sampling in each (DDIM, Song et al. 2021; eta 1 is ancestral sampling over those steps), or by all
 * of them, ancestrally (Ho et al. 2020, algorithm 2).
 */
export type Sampler = { kind: "ddim"; timesteps: number; eta: number } | { kind: "ancestral" };

/** What a number of steps means where nothing else is said: T of them are ancestral sampling. */
export function samplerOf(
  numSteps: number,
  { timesteps, ddimEta }: Pick<RunConfig, "timesteps" | "ddimEta">,
): Sampler {
  if (numSteps === timesteps) return { kind: "ancestral" };
  return { kind: "ddim", timesteps: numSteps, eta: ddimEta };
}
