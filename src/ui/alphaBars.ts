import type { RunConfig } from "../config/hyperparameters.ts";
import { createSchedule } from "../diffusion/schedule.ts";

/** alphaBar of each timestep, `[T]`. */
export function alphaBarsOf({
  timesteps: numTimesteps,
  betaSchedule,
  objective,
  minSnrGamma,
}: Pick<RunConfig, "timesteps" | "betaSchedule" | "objective" | "minSnrGamma">): Float64Array {
  return createSchedule({ betaSchedule, numTimesteps, objective, minSnrGamma }).alphaBars;
}
