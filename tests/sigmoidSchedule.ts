import type { ObjectiveId } from "../src/engine/diffusion/objectives.ts";
import { createSchedule, type Schedule } from "../src/engine/diffusion/schedule.ts";

/** The assignment's schedule, for any objective. */
export function sigmoidSchedule(timesteps: number, objective: ObjectiveId = "v"): Schedule {
  return createSchedule({ betaSchedule: "sigmoid", timesteps, objective, minSnrGamma: 0 });
}
