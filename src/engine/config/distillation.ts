/**
 * Distillation runs (`diffusion/distillation.ts`): their epochs are phases, and each leaves a network that
 * needs half as many sampling steps as the one before.
 */
import type { RunConfig } from "./hyperparameters.ts";

export interface DistillationChoice {
  /** Sampling steps of the teacher, a power of two. */
  from: number;
  /** Of the last student, a smaller power of two. */
  to: number;
  phaseSteps: number;
  learningRate: number;
  /** Of the teacher. */
  guidance: number;
}

/**
 * The settings of a run that distils a network: those that it was trained with but for what a distillation
 * changes. Its students are sampled with DDIM, which is what they learn, and need no guidance.
 */
export function distillationConfig(trained: RunConfig, choice: DistillationChoice): RunConfig {
  const { from, to, phaseSteps, learningRate, guidance } = choice;
  return {
    ...trained,
    distilFrom: from,
    epochs: Math.log2(from / to),
    phaseSteps,
    learningRate,
    distilGuidance: trained.classes > 0 ? guidance : 1,
    guidance: 1,
    warmupSteps: 0,
    lrDecay: "cosine",
    lossWeight: "none",
    samplerKind: "ddim",
    stepSpacing: "even",
    ddimEta: 0,
    previewEvery: 0,
    patience: 0,
  };
}

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
