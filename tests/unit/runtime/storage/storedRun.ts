import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { EpochReport, StepReport } from "../../../../src/engine/train/reports.ts";
import type { BackedUpRuns } from "../../../../src/runtime/storage/backedUpRuns.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import type { RunRecord } from "../../../../src/runtime/storage/records.ts";
import type { RunStore } from "../../../../src/runtime/storage/runStore.ts";
import type { Save, SavedRun } from "../../../../src/runtime/storage/saveRun.ts";

export const stepReport = (step: number): StepReport => ({
  step,
  loss: 1 / step,
  gradNorm: 1,
  learningRate: 1e-3,
  stepMs: 10,
  wallTimeMs: 1e12 + step,
});

export const epochReport = (epoch: number, step: number, validationLoss: number): EpochReport => ({
  epoch,
  step,
  trainLoss: 1,
  validationLoss,
  bucketLosses: [],
  wallTimeMs: 1e12 + step,
});

export function runAt(step: number, changes: Partial<RunRecord> = {}): Save["run"] {
  return {
    runId: "a",
    name: "First run",
    createdMs: 1,
    preset: "tiny",
    config: presetConfig("tiny"),
    dataset: { id: "mnist", name: "MNIST", numTrain: 50, numValidation: 10, checksum: 7 },
    startedFrom: null,
    stepsPerEpoch: 10,
    numParameters: 100,
    isFinished: false,
    hasStoppedEarly: false,
    step,
    numEpochs: Math.floor(step / 10),
    lastValidationLoss: null,
    picture: { count: 1, pixels: new Uint8Array(784).fill(step) },
    ...changes,
  };
}

/** What a run of 10 steps an epoch saves at `step`, having saved at `afterStep`. */
export function saveAt(step: number, afterStep: number, changes: Partial<Save> = {}): Save {
  return {
    run: runAt(step),
    checkpoint: checkpointBytes(step),
    validationLoss: null,
    best: null,
    afterStep,
    history: { steps: stepReports(afterStep + 1, step), epochs: [] },
    earlier: { steps: stepReports(1, afterStep), epochs: [] },
    snapshots: [
      { step, wallTimeMs: step, count: 1, numFrames: 2, pixels: new Uint8Array(2 * 784) },
    ],
    previousMs: null,
    isOwn: true,
    ...changes,
  };
}

/** The same by the tab that saved the run last. */
export async function saveNext(to: RunStore | BackedUpRuns, save: Save): Promise<SavedRun> {
  const database = "database" in to ? to.database : to;
  const stored = await database.find(save.run.runId);
  const previousMs = stored && isReadable(stored) ? stored.savedMs : null;
  const saved = await to.save({ ...save, previousMs });
  if (!saved) throw new Error("Expected the run to be this tab's to save.");
  return saved;
}

function stepReports(from: number, to: number): StepReport[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => stepReport(from + i));
}

export function checkpointBytes(step: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 1000 }, (_, i) => (i * step) % 251);
}
