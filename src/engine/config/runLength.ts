import type { RunConfig } from "./hyperparameters.ts";

export interface RunLength {
  imagesPerStep: number;
  /** Every training image once; in a phase of distillation as many as its steps take. */
  imagesPerEpoch: number;
  stepsPerEpoch: number;
  /** Over which the learning rate falls: the whole run, or a phase. */
  stepsOfRate: number;
}

/** @param numImages to train on */
export function runLength(config: RunConfig, numImages: number): RunLength {
  const { batchSize, gradientAccumulation, distilFrom, phaseSteps, epochs } = config;
  const imagesPerStep = batchSize * gradientAccumulation;
  if (distilFrom > 0) {
    return {
      imagesPerStep,
      imagesPerEpoch: phaseSteps * imagesPerStep,
      stepsPerEpoch: phaseSteps,
      stepsOfRate: phaseSteps,
    };
  }
  const stepsPerEpoch = Math.ceil(numImages / imagesPerStep);
  const stepsOfRate = stepsPerEpoch * epochs;
  return { imagesPerStep, imagesPerEpoch: numImages, stepsPerEpoch, stepsOfRate };
}
