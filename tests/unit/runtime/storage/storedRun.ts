import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { EpochReport, StepReport } from "../../../../src/engine/train/reports.ts";
import type { KeptRuns } from "../../../../src/runtime/storage/keptRuns.ts";
import { readHistory, readSnapshots } from "../../../../src/runtime/storage/readRun.ts";
import type { KeptRun, RunRecord, Snapshot } from "../../../../src/runtime/storage/records.ts";
import type { Save } from "../../../../src/runtime/storage/saves.ts";

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

export function snapshotAt(step: number, changes: Partial<Snapshot> = {}): Snapshot {
  const pixels = new Uint8Array(2 * 784).fill(step);
  return { step, wallTimeMs: step, count: 1, numFrames: 2, pixels, ...changes };
}

/** What a run of 10 steps an epoch saves at `step`, having saved at `afterStep`. */
export function saveAt(step: number, afterStep: number, changes: Partial<Save> = {}): Save {
  return {
    run: runAt(step),
    checkpoint: checkpointBytes(step),
    validationLoss: null,
    afterStep,
    history: { steps: stepReports(afterStep + 1, step), epochs: [] },
    snapshots: [snapshotAt(step)],
    previousMs: null,
    claim: "always",
    ...changes,
  };
}

export function stepReports(from: number, to: number): StepReport[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => stepReport(from + i));
}

export function checkpointBytes(step: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 1000 }, (_, i) => (i * step) % 251);
}

export const upTo = (end: number) => Array.from({ length: end }, (_, i) => i + 1);

/** What is read of a run: at which step it is whole, from which bytes, with which history and snapshots. */
export async function readBack(runs: KeptRuns, runId = "a") {
  const { run, pointer, bytes, numLost } = await runs.open(runId, () => (found) => found);
  const { steps, epochs } = await readHistory(run, runs.part, pointer);
  const snapshots = await readSnapshots(run, runs.part, pointer.step);
  return {
    step: pointer.step,
    name: run.record.name,
    bytes,
    numLost,
    steps: steps.map((report) => report.step),
    epochs: epochs.map((report) => report.validationLoss),
    snapshots: snapshots.map((snapshot) => snapshot.step),
  };
}

export const checkpointSteps = ({ record }: KeptRun) => record.checkpoints.map(({ step }) => step);
