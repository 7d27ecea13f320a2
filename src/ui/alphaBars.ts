import { createSchedule } from "../diffusion/schedule.ts";
import type { Noising } from "../store/denoise.ts";

/** alphaBar of each timestep, `[T]`. */
export function alphaBarsOf({
  timesteps: numTimesteps,
  betaSchedule,
  objective,
  minSnrGamma,
}: Omit<Noising, "interpolationNoise">): Float64Array {
  return createSchedule({ betaSchedule, numTimesteps, objective, minSnrGamma }).alphaBars;
}
