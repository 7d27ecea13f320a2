import { NUM_PIXELS, type RunConfig } from "../config/hyperparameters.ts";
import type { LabelledImages } from "../data/dataset.ts";
import type { Replica } from "../train/replica.ts";
import { TrainingSession } from "../train/session.ts";

/**
 * The app's own training session, on black images: what is on them takes no less time.
 *
 * @param options.numSteps at most, of one batch each
 */
export function blackSession({
  config,
  numSteps,
  microBatchSize,
  stepsAhead,
  replicas = [],
}: {
  config: RunConfig;
  numSteps: number;
  microBatchSize: number;
  stepsAhead: number;
  replicas?: readonly Replica[];
}): TrainingSession {
  return new TrainingSession({
    config,
    dataset: { train: blackImages(config.batchSize * numSteps), validation: blackImages(1) },
    ...{ microBatchSize, stepsAhead, replicas },
    validationChunkSize: 1,
    start: { from: "weights", values: null },
  });
}

function blackImages(count: number): LabelledImages {
  return { images: new Uint8Array(count * NUM_PIXELS), labels: new Uint8Array(count), count };
}
