/**
 * Distillation runs (`diffusion/distillation.ts`): their epochs are phases, and each leaves a network that
 * needs half as many sampling steps as the one before.
 */
import { NEEDED_TO_SAMPLE } from "./fromJson.ts";
import { HYPERPARAMETERS, type RunConfig } from "./hyperparameters.ts";

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

/** Sampling steps that a student was made for; null of a network that no distillation has trained. */
export function stepsMadeFor({ distilFrom, samplingTimesteps }: RunConfig): number | null {
  return distilFrom > 0 ? samplingTimesteps : null;
}

/** A network that may be distilled: its settings, which without `hasSettings` may be any. */
interface Trained {
  config: RunConfig;
  hasSettings: boolean;
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
export function usualFrom(trained: Trained, settings: RunConfig): number {
  return stepsToDistilFrom(trained, settings).findLast((steps) => steps <= 32) ?? 2;
}

/** 2, 4, 8, … */
export function powersOfTwo(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(most)) }, (_, i) => 2 ** (i + 1));
}

/**
 * Why a run with these settings cannot distil a network, in a sentence; null when it can, or distils none.
 */
export function teacherReason(config: RunConfig, teacher: Trained): string | null {
  if (config.distilFrom === 0 || !teacher.hasSettings) return null;
  const other = NEEDED_TO_SAMPLE.find((name) => config[name] !== teacher.config[name]);
  if (other) {
    return `The network to distil was trained with another ${HYPERPARAMETERS[other].label.toLowerCase()}: set it to ${teacher.config[other]}.`;
  }
  const most = stepsMadeFor(teacher.config) ?? config.timesteps;
  if (config.distilFrom <= most) return null;
  return `The network to distil is made for ${most === 1 ? "1 step" : `${most} steps`}: distil it from no more.`;
}
