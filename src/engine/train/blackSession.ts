import { NUM_PIXELS } from "../config/hyperparameters.ts";
import type { LabeledImages } from "../data/dataset.ts";
import { TrainingSession, type TrainingSessionOptions } from "./session.ts";

type Options = Pick<
  TrainingSessionOptions,
  "config" | "microBatchSize" | "stepsAhead" | "replicas"
> & {
  /** Most steps it can take, of one batch each. */
  numSteps: number;
  /** Instead of those of chance, of which millions take seconds. */
  values?: Float32Array;
};

/** The app's own training session, on black images, since the time does not depend on what they show. */
export function blackSession({ numSteps, values, ...options }: Options) {
  const train = blackImages(options.config.batchSize * numSteps);
  const session = new TrainingSession({
    ...options,
    dataset: { train, validation: blackImages(1) },
    validationChunkSize: 1,
    start: { from: "weights", values: values ?? null },
  });
  const reports = session.run();
  return {
    session,
    async step() {
      const { value } = await reports.next();
      if (value?.type !== "step") throw new Error("There are no images for another step.");
      return value.step;
    },
  };
}

function blackImages(count: number): LabeledImages {
  return { images: new Uint8Array(count * NUM_PIXELS), labels: new Uint8Array(count), count };
}
