import { presetConfig } from "../../src/engine/config/presets.ts";
import { SNAPSHOT } from "../../src/engine/config/snapshotSteps.ts";
import { totalElements } from "../../src/engine/nn/parameters.ts";
import { createUnet } from "../../src/engine/nn/unet.ts";
import type { EpochReport, StepReport } from "../../src/engine/train/reports.ts";
import { encodeCheckpoint } from "../../src/runtime/files/checkpointFile.ts";
import { encodeRunFile } from "../../src/runtime/files/runFile.ts";
import { checksumOf } from "../../src/runtime/storage/checkpoints.ts";
import { RECORD_FORMAT, type RunRecord } from "../../src/runtime/storage/records.ts";
import { inFull } from "../inFull.ts";

export const NUM_EPOCHS = inFull ? 100 : 20;
const STEPS_PER_EPOCH = 470;
export const NUM_STEPS = NUM_EPOCHS * STEPS_PER_EPOCH;
const { count } = SNAPSHOT;

/** The file of a run as long as the assignment's, or a fifth of that, of a small network. */
export function longRunFile(): Uint8Array {
  const config = { ...presetConfig("tiny"), dim: 4, epochs: NUM_EPOCHS };
  const numParameters = totalElements(createUnet(config).parameters);
  const flat = () => Float32Array.from({ length: numParameters }, (_, i) => Math.sin(i) / 10);
  const newest = encodeCheckpoint(config, {
    step: NUM_STEPS,
    numEpochs: NUM_EPOCHS,
    lossSum: 0,
    values: flat(),
    ema: null,
    optimizerState: { mean: flat(), square: flat() },
  });
  const steps = Array.from(
    { length: NUM_STEPS },
    (_, i): StepReport => ({
      step: i + 1,
      loss: 1 / Math.sqrt(i + 1) + Math.abs(Math.sin(i * i)) / 50,
      gradNorm: 1 + Math.sin(i),
      learningRate: 4e-4,
      stepMs: 30 + (i % 7),
      wallTimeMs: 1.7e12 + 33 * i,
    }),
  );
  const epochs = Array.from({ length: NUM_EPOCHS }, (_, i): EpochReport => {
    const bucketLosses = Array.from({ length: 10 }, (_, bucket) => (bucket + 1) / (10 * (i + 1)));
    const loss = 1 / Math.sqrt(470 * (i + 1));
    return {
      epoch: i + 1,
      step: STEPS_PER_EPOCH * (i + 1),
      trainLoss: loss,
      validationLoss: loss,
      bucketLosses,
      wallTimeMs: 1.7e12 + 15_510 * (i + 1),
    };
  });
  const numFrames = config.previewTimesteps + 1;
  const snapshots = epochs.map(({ step, wallTimeMs }) => ({
    step,
    wallTimeMs,
    count,
    numFrames,
    pixels: Uint8Array.from({ length: numFrames * count * 784 }, (_, i) => (i * step) % 256),
  }));
  const record: RunRecord = {
    format: RECORD_FORMAT,
    runId: "long",
    name: "A long run",
    createdMs: 1.7e12,
    savedMs: 1.7e12,
    preset: "tiny",
    config,
    startedFrom: null,
    stepsPerEpoch: STEPS_PER_EPOCH,
    numParameters,
    dataset: { id: "mnist", name: "MNIST", numTrain: 60_000, numValidation: 10_000, checksum: 0 },
    isFinished: true,
    hasStoppedEarly: false,
    step: NUM_STEPS,
    numEpochs: NUM_EPOCHS,
    lastValidationLoss: 0.01,
    bestValidationLoss: 0.01,
    totalBytes: 0,
    picture: null,
    checkpoints: [
      {
        step: NUM_STEPS,
        numEpochs: NUM_EPOCHS,
        savedMs: 1.7e12,
        validationLoss: 0.01,
        numBytes: newest.length,
        checksum: checksumOf(newest),
      },
    ],
  };
  const checkpoints = [{ step: NUM_STEPS, bytes: newest }];
  return encodeRunFile({ record, checkpoints, history: { steps, epochs }, snapshots });
}
