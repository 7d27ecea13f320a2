import type { ObjectiveId } from "../src/engine/diffusion/objectives.ts";
import {
  createSchedule,
  type Schedule,
  type ScheduleOptions,
} from "../src/engine/diffusion/schedule.ts";

/** The assignment's schedule, for any objective. */
export function sigmoidSchedule(
  timesteps: number,
  objective: ObjectiveId = "v",
  changes: Partial<ScheduleOptions> = {},
): Schedule {
  const others = { lossWeight: "library", minSnrGamma: 0, noiseSigma: 0.5 } as const;
  return createSchedule({ betaSchedule: "sigmoid", timesteps, objective, ...others, ...changes });
}
