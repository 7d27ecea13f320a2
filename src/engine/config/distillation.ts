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
