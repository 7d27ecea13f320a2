/** How many sampling steps the students of a distillation take (`distillation.ts`). */
import { NEEDED_TO_SAMPLE } from "./fromJson.ts";
import { HYPERPARAMETERS, type RunConfig } from "./hyperparameters.ts";

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

/** Whether a run learns from another network, which it has to be given: in a distillation, and where a flow is straightened. */
export function hasTeacher({
  distilFrom,
  reflowSteps,
}: Pick<RunConfig, "distilFrom" | "reflowSteps">): boolean {
  return distilFrom > 0 || reflowSteps > 0;
}

/** Sampling steps that a student was made for; null of a network that no distillation has trained. */
export function stepsMadeFor({ distilFrom, samplingTimesteps }: RunConfig): number | null {
  return distilFrom > 0 ? samplingTimesteps : null;
}

/** A network that may be distilled: its settings, which without `hasSettings` may be any. */
export interface Trained {
  config: RunConfig;
  hasSettings: boolean;
}

/**
 * Why a run with these settings cannot distil a network, in a sentence; null when it can, or distils none.
 */
export function teacherReason(config: RunConfig, teacher: Trained): string | null {
  if (!hasTeacher(config) || !teacher.hasSettings) return null;
  const other = NEEDED_TO_SAMPLE.find((name) => config[name] !== teacher.config[name]);
  if (other) {
    return `The network to learn from was trained with another ${HYPERPARAMETERS[other].label.toLowerCase()}: set it to ${teacher.config[other]}.`;
  }
  if (config.distilFrom === 0) return null;
  const most = stepsMadeFor(teacher.config) ?? config.timesteps;
  if (config.distilFrom <= most) return null;
  return `The network to distil is made for ${most === 1 ? "1 step" : `${most} steps`}: distil it from no more.`;
}
