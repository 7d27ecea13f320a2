import { defaultConfig, type RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import type { Dataset, LabeledImages, TrainingData } from "../../../../src/engine/data/dataset.ts";
import { randomIntegers } from "../../../../src/engine/random.ts";
import type { Evaluate } from "../../../../src/engine/train/epochQuality.ts";
import type { Replica } from "../../../../src/engine/train/replica.ts";
import type { StepReport, TrainingReport } from "../../../../src/engine/train/reports.ts";
import { type SessionStart, TrainingSession } from "../../../../src/engine/train/session.ts";

/** The smallest network with every kind of layer, batches of a few images and snapshots of a few steps. */
export function smallConfig(changes: Partial<RunConfig> = {}): RunConfig {
  return {
    ...defaultConfig(),
    dim: 4,
    dimMults: [1, 2],
    attnHeads: 1,
    attnDimHead: 4,
    timesteps: 100,
    samplingTimesteps: 20,
    previewTimesteps: 2,
    batchSize: 4,
    epochs: 1,
    learningRate: 1e-3,
    ...changes,
  };
}

/** A moving average that follows from the first step on. */
export const EVERY_STEP = { emaUpdateAfter: 0, emaUpdateEvery: 1 };

/** Images of noise, each another, with labels from 0 to 9. */
export function noiseImages(count: number, index = 0): LabeledImages {
  const pixels = randomIntegers({ seed: 0, stream: "noise", index }, count * 784, 256);
  const labels = Uint8Array.from({ length: count }, (_, i) => (3 * i) % 10);
  return { images: Uint8Array.from(pixels), labels, count };
}

export function smallDataset({ numTrain = 8, numValidation = 3 } = {}): Dataset {
  return { train: noiseImages(numTrain), validation: noiseImages(numValidation, 1) };
}

/** A run of one epoch unless changed: 2 steps of 4 images, then a validation of 3. */
export function smallSession(
  changes: Partial<RunConfig> = {},
  {
    dataset = smallDataset(),
    microBatchSize = 4,
    validationChunkSize = 2,
    stepsAhead = 0,
    stopsAfter = () => false,
    start = { from: "weights", values: null },
    evaluate,
    replicas = [],
  }: {
    dataset?: TrainingData;
    microBatchSize?: number;
    validationChunkSize?: number;
    stepsAhead?: number;
    stopsAfter?: (step: number) => boolean;
    start?: SessionStart;
    evaluate?: Evaluate;
    replicas?: Replica[];
  } = {},
): TrainingSession {
  return new TrainingSession({
    config: smallConfig(changes),
    dataset,
    microBatchSize,
    stepsAhead,
    stopsAfter,
    validationChunkSize,
    replicas,
    start,
    ...(evaluate && { evaluate }),
  });
}

/** Takes reports until as many steps are done, or to the end; gives what the steps said. */
export async function takeSteps(
  reports: AsyncIterator<TrainingReport, void>,
  numSteps = Number.POSITIVE_INFINITY,
): Promise<StepReport[]> {
  const steps: StepReport[] = [];
  while (steps.length < numSteps) {
    const { done, value } = await reports.next();
    if (done) break;
    if (value.type === "step") steps.push(value.step);
  }
  return steps;
}

/** The weights that samples are drawn from. */
export async function samplerValues(session: TrainingSession): Promise<Float32Array> {
  return session.sampler.values.data<"float32">();
}
