import type { RunConfig } from "./hyperparameters.ts";

/** Images to teach a network one class more with (`engine/data/symbolSet.ts`): each is seen once, in 2,000 steps. */
export const SYMBOL_IMAGES = 32_000;

/** What differs from the settings that a network was trained with as it learns one class more (docs/performance.md). */
const SYMBOL_TRAINING = {
  epochs: 1,
  batchSize: 16,
  gradientAccumulation: 1,
  learningRate: 4e-3,
  warmupSteps: 30,
  lrDecay: "cosine",
  emaDecay: 0.995,
  emaUpdateAfter: 0,
  emaUpdateEvery: 1,
  maxGradNorm: 1,
  distilFrom: 0,
  reflowSteps: 0,
} as const satisfies Partial<RunConfig>;

/**
 * The settings of a run that teaches a network one class more.
 *
 * @param config of the network, which has that class already
 */
export function symbolConfig(config: RunConfig): RunConfig {
  return { ...config, ...SYMBOL_TRAINING };
}
