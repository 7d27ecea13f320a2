import type { RunConfig } from "../config/hyperparameters.ts";
import { createSchedule } from "../diffusion/schedule.ts";

/** What the noise follows from. */
export type Noising = Pick<RunConfig, "betaSchedule" | "timesteps" | "objective" | "minSnrGamma">;

/** alphaBar of each timestep, `[T]`. */
export function alphaBarsOf({
  timesteps: numTimesteps,
  betaSchedule,
  objective,
  minSnrGamma,
}: Noising): Float64Array {
  return createSchedule({ betaSchedule, numTimesteps, objective, minSnrGamma }).alphaBars;
}
