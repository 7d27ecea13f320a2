/** How many sampling steps the students of a distillation take (`distillation.ts`). */
import type { RunConfig } from "./hyperparameters.ts";

type Halving = Pick<RunConfig, "distilFrom" | "timesteps">;

/**
 * Sampling steps of the student that the phase after `numPhases` finished ones trains: half as many as those of
 * its teacher, 1 to T / 2.
 */
export function studentStepsOf({ distilFrom, timesteps }: Halving, numPhases: number): number {
  const half = Math.floor(distilFrom / 2 ** (numPhases + 1));
  return Math.max(1, Math.min(half, Math.floor(timesteps / 2)));
}

/**
 * The settings to sample with from the weights after a training step: in a phase its student's number of
 * steps, between two phases that of the student which has finished, at the start that of the teacher. Those of
 * any other run stay as they are.
 */
export function distilledConfig(config: RunConfig, step: number, stepsPerEpoch: number): RunConfig {
  const { distilFrom, timesteps } = config;
  if (distilFrom === 0) return config;
  const numPhases = Math.ceil(step / stepsPerEpoch);
  const numSteps =
    numPhases === 0 ? Math.min(distilFrom, timesteps) : studentStepsOf(config, numPhases - 1);
  return { ...config, samplingTimesteps: numSteps, previewTimesteps: numSteps };
}
