import { NUM_PIXELS } from "../config/hyperparameters.ts";
import type { LabeledImages } from "../data/dataset.ts";
import { TrainingSession, type TrainingSessionOptions } from "../train/session.ts";

type Options = Pick<
  TrainingSessionOptions,
  "config" | "microBatchSize" | "stepsAhead" | "replicas"
>;

/**
 * The app's own training session, on black images, since the time does not depend on what they show.
 *
 * @param options.numSteps most steps it can take, of one batch each
 */
export function blackSession({
  numSteps,
  ...options
}: Options & { numSteps: number }): TrainingSession {
  const train = blackImages(options.config.batchSize * numSteps);
  return new TrainingSession({
    ...options,
    dataset: { train, validation: blackImages(1) },
    validationChunkSize: 1,
    start: { from: "weights", values: null },
  });
}

function blackImages(count: number): LabeledImages {
  return { images: new Uint8Array(count * NUM_PIXELS), labels: new Uint8Array(count), count };
}
