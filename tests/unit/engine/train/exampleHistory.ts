import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import type { QualityFigures } from "../../../../src/engine/quality/figures.ts";
import type { EpochReport, StepReport } from "../../../../src/engine/train/reports.ts";
import type { ExportedHistory } from "../../../../src/runtime/files/historyExport.ts";

/** The first step ends 100 ms later. */
export const START_MS = 1_700_000_000_000;

export function stepReport(step: number): StepReport {
  return {
    step,
    loss: 1 / step,
    gradNorm: 3 / step,
    learningRate: 1e-3 * step,
    stepMs: 80.5,
    wallTimeMs: START_MS + 100 * step,
  };
}

/** The bucket losses are 0.1, 0.2, … 1. */
export function epochReport(epoch: number, changes: Partial<EpochReport> = {}): EpochReport {
  return {
    epoch,
    step: 2 * epoch,
    trainLoss: 0.5,
    validationLoss: 0.25,
    bucketLosses: Array.from({ length: 10 }, (_, bucket) => (bucket + 1) / 10),
    wallTimeMs: START_MS + 200 * epoch + 50,
    ...changes,
  };
}

/** Of four samples, two of which are sure to be a digit. */
export function qualityFigures(changes: Partial<QualityFigures> = {}): QualityFigures {
  return {
    count: 4,
    meanConfidence: 0.75,
    shareConfident: 0.5,
    classCounts: [2, 0, 0, 1, 0, 0, 0, 1, 0, 0],
    classEntropy: 1.5,
    frechetDistance: 12.5,
    nearest: { minDistance: 0, medianDistance: 0.125, numCopies: 1 },
    ...changes,
  };
}

/** Two epochs of two steps, and a frame of three digits after the third step. */
export function history(changes: Partial<ExportedHistory> = {}): ExportedHistory {
  return {
    name: "quick-run",
    config: defaultConfig(),
    steps: [1, 2, 3, 4].map(stepReport),
    epochs: [epochReport(1), epochReport(2, { trainLoss: 0.125 })],
    frames: [
      {
        step: 3,
        wallTimeMs: START_MS + 310,
        count: 3,
        pixels: Uint8Array.from({ length: 3 * 784 }, (_, i) => 1 + (i % 255)),
      },
    ],
    ...changes,
  };
}
