import type { Objective } from "../src/diffusion/objective.ts";
import { createSchedule, type Schedule } from "../src/diffusion/schedule.ts";

/** The assignment's schedule, for any objective. */
export function sigmoidSchedule(numTimesteps: number, objective: Objective = "v"): Schedule {
  return createSchedule({ betaSchedule: "sigmoid", numTimesteps, objective, minSnrGamma: 0 });
}
