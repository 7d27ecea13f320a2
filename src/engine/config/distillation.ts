/**
 * Distillation runs (`diffusion/distillation.ts`): their epochs are phases, and each leaves a network that
 * needs half as many sampling steps as the one before.
 */
import { HYPERPARAMETERS, type RunConfig } from "./hyperparameters.ts";
import { stepsMadeFor, type Trained } from "./studentSteps.ts";

export interface DistillationChoice {
  /** Sampling steps of the teacher, a power of two. */
  from: number;
  /** Sampling steps of the last student, a smaller power of two. */
  to: number;
  phaseSteps: number;
  learningRate: number;
  /** Guidance of the teacher. */
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

/**
 * Sampling steps that a network can be distilled from: powers of two up to T, or where it is a student itself
 * those that it was made for.
 */
export function stepsToDistilFrom(
  { config, hasSettings }: Trained,
  { timesteps }: RunConfig,
): number[] {
  const madeFor = hasSettings ? stepsMadeFor(config) : null;
  const all = powersOfTwo(Math.min(madeFor ?? timesteps, HYPERPARAMETERS.distilFrom.max));
  return madeFor === null ? all : all.slice(-1);
}

/** 32 where there are as many. With 700 training steps a phase Quick reached what docs/performance.md says. */
export function defaultFrom(trained: Trained, settings: RunConfig): number {
  return stepsToDistilFrom(trained, settings).findLast((steps) => steps <= 32) ?? 2;
}

/** 2, 4, 8, … */
export function powersOfTwo(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(most)) }, (_, i) => 2 ** (i + 1));
}
