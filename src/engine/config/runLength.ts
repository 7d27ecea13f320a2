import type { RunConfig } from "./hyperparameters.ts";
import { hasTeacher } from "./studentSteps.ts";

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

/** All 10,000 would take half to two thirds of a phase of 700 steps: their targets take two or four passes more. */
const PHASE_IMAGES = 1000;

/** How many of the validation images an epoch ends with: all, where there is a teacher at most some. */
export function validatedImages(config: RunConfig, numImages: number): number {
  return hasTeacher(config) ? Math.min(PHASE_IMAGES, numImages) : numImages;
}

/** Passes of the teacher for each image, on average over all phases; 0 where there is none. */
export function teacherPasses(
  config: Pick<RunConfig, "distilFrom" | "distilGuidance" | "classes" | "epochs" | "reflowSteps">,
): number {
  const { distilFrom, distilGuidance, classes, epochs, reflowSteps } = config;
  if (reflowSteps > 0) return reflowSteps;
  if (distilFrom === 0) return 0;
  // Two steps, in the first phase with guidance.
  return classes > 0 && distilGuidance !== 1 ? 2 + 2 / epochs : 2;
}
