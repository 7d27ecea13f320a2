/**
 * What is kept of a run; types only, but for the version that stands in every record.
 *
 * A new field is optional here and in the schema of `readRecord.ts`, which says what runs of earlier versions have in its
 * place, so that they open. `tests/fixtures/runs` has one record for each format; the newest gets the field.
 */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type { DatasetIdentity } from "../../engine/data/datasets.ts";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Format of a run's record, to be raised when its meaning changes; `readRecord` then converts older ones. */
export const RECORD_FORMAT = 1;

/** Where a run stands, and where the rest of it lies: the record that a list of runs needs. */
export interface RunRecord {
  format: typeof RECORD_FORMAT;
  runId: string;
  name: string;
  /** Unix time. */
  createdMs: number;
  savedMs: number;
  preset: string;
  config: RunConfig;
  dataset: StoredDataset;
  /** What it was trained on last, as `BackendReport` says it; left out by earlier versions. */
  device?: string;
  /** The weights file it began with, and the steps those had seen; null for those of the seed. */
  startedFrom: { fileName: string; trainedSteps: number | null } | null;
  stepsPerEpoch: number;
  numParameters: number;
  /** Nothing more is to be trained: all epochs are done, or it stopped early. */
  isFinished: boolean;
  /** It ended with the weights of its best epoch. */
  hasStoppedEarly: boolean;
  /** It ended since a sweep had given it no more to spend; left out of others. */
  hasSpentBudget?: true;
  /** Optimizer steps at the newest checkpoint. */
  step: number;
  numEpochs: number;
  /** Validation loss after the last whole epoch; null before it, or without images to validate on. */
  lastValidationLoss: number | null;
  bestValidationLoss: number | null;
  /** By step, ascending. */
  checkpoints: CheckpointPointer[];
  /** Size of all that is stored of the run. */
  totalBytes: number;
  /** Digits of its newest snapshot. */
  picture: Picture | null;
}

/** What may change of a stored run besides its checkpoints. */
export type RunChanges = Partial<Pick<RunRecord, "name" | "isFinished" | "hasStoppedEarly">>;

/** Which images a run was trained on. */
export interface StoredDataset extends DatasetIdentity {
  numTrain: number;
  numValidation: number;
  /** CRC-32C of the pixels of both parts, and with classes of their labels. */
  checksum: number;
}

/** `[count, 28, 28]`, 0 black to 255 white. */
export interface Picture {
  count: number;
  pixels: Uint8Array<ArrayBuffer>;
}

/** Leads to a checkpoint that was written whole. */
export interface CheckpointPointer {
  step: number;
  numEpochs: number;
  savedMs: number;
  /** Validation loss after the epoch that it ends; null within an epoch. */
  validationLoss: number | null;
  numBytes: number;
  /** CRC-32C of the bytes. */
  checksum: number;
}

interface StoredCheckpoint {
  step: number;
  /** A file of `runtime/files/checkpointFile.ts`. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** A metric history, or a piece of one: what came between two saves. */
export interface History {
  steps: StepReport[];
  epochs: EpochReport[];
}

/** Digits that the weights of one training step make of the noise that all snapshots of a run begin with. */
export interface Snapshot {
  /** Training steps that the weights have seen; 0 at the start. */
  step: number;
  /** Unix time. */
  wallTimeMs: number;
  /** Digits. */
  count: number;
  /** Frames of the denoising: the noise, and one for each step; 1 when only the digits were kept. */
  numFrames: number;
  /** `[numFrames, count, 28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>;
}

/** A run as it is kept: its record, and what else there is of it. */
export interface KeptRun {
  record: RunRecord;
  /** Unix time in milliseconds of its last change of any kind, later than that of the change before. */
  changedMs: number;
  /** Names of its parts (`parts.ts`), in the order in which they were written. */
  parts: readonly string[];
}

/** A run whose record is damaged or of a newer version, as lists show it. */
export interface UnreadableRun {
  runId: string;
  name: string;
  /** What is wrong, and what to do. */
  problem: string;
  /** A newer version of the page can read it. */
  isNewer: boolean;
}

/** A run with all that is stored of it. */
export interface WholeRun {
  record: RunRecord;
  /** The checkpoints that the record points to, by step, ascending. */
  checkpoints: readonly StoredCheckpoint[];
  history: History;
  snapshots: readonly Snapshot[];
}
