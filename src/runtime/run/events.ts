/**
 * Every message from the worker to the page; a run in Node has the same events. Types only: whoever
 * listens switches over `type` and ends in `satisfies never`.
 */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type { Budget } from "../../engine/config/sweep.ts";
import type { DatasetProgress } from "../../engine/data/datasetFile.ts";
import type { DatasetIdentity } from "../../engine/data/datasets.ts";
import type { Rung } from "../../engine/ops/webgpu/tuning.ts";
import type { ReaderFacts } from "../../engine/quality/classifierFile.ts";
import type { SampleFrame } from "../../engine/train/digitSampler.ts";
import type {
  EpochReport,
  QualityReport,
  StepReport,
  ValidationReport,
} from "../../engine/train/reports.ts";
import type { ImportedWeights } from "../files/importedWeights.ts";
import type { ExportedFile } from "../files/runFormats.ts";
import type { TrainingFacts } from "../files/weightsFile.ts";
import type { History, RunRecord, Snapshot, UnreadableRun } from "../storage/records.ts";
import type {
  EvaluationEvent,
  LevelsEvent,
  LookEvent,
  NetworkSource,
  PlaneDrawn,
  PlaneMeasuredEvent,
  SampleStart,
} from "./samplingProtocol.ts";

export type { Snapshot };

/** What the list of runs shows; one that cannot be read says why. */
export type StoredRun = RunRecord | UnreadableRun;

/** A stored run with its history. */
export interface OpenedRun
  extends History,
    Pick<RunRecord, "runId" | "name" | "config" | "stepsPerEpoch" | "numParameters"> {
  dataset: DatasetIdentity;
  startedFrom: string | null;
  /** How it ended; `preparing` where it is about to go on. */
  status: RunStatus;
  /** Step of the checkpoint; there may be no report of it. */
  step: number;
  /** What is not as it should be, e.g. a damaged checkpoint; null when all is well. */
  warning: string | null;
}

/** What a weights file turned out to hold. */
export interface LoadedWeights
  extends Pick<ImportedWeights, "fileName" | "config" | "hasSettings">,
    Pick<TrainingFacts, "trainedSteps" | "dataset" | "classNames"> {
  /** Whether it has a moving average besides the weights. */
  hasAverage: boolean;
  numParameters: number;
}

/** What the worker computes on. */
export interface BackendReport {
  backend: "webgpu" | "wasm";
  /** e.g. `Apple M2 (metal-3)`, `SwiftShader (software)`, `WebAssembly SIMD, 2 threads`. */
  device: string;
  /** Why a faster backend is not used; null when this is the fastest kind. */
  reason: string | null;
  /** What the person can do about it; null when there is nothing to do. */
  advice: string | null;
  rung: LadderRung;
  /** Where the graphics device went down the ladder, how; else null. */
  fallback: Fallback | null;
}

/** What is computed with, from fast to certain; see `Rung`. */
export type LadderRung = Rung | "wasm";

/** What a graphics device has proven itself with. */
export interface Proof {
  /** The `device` and the `rung` of the report. */
  adapter: string;
  rung: LadderRung;
  passes: readonly string[];
}

/** A graphics device failed, and is on a lower rung of the ladder since then. */
export interface Fallback {
  rung: LadderRung;
  /** The `device` of the report: another adapter begins at its first rung. */
  adapter: string;
  /** Why, in a sentence. */
  reason: string;
  /** For a bug report: adapter, browser, program and error. */
  details: string;
}

export type RunStatus =
  /** Building the network, compiling kernels: from the click to the first step. */
  | "preparing"
  | "training"
  | "validating"
  /** Drawing samples after an epoch, and measuring them. */
  | "measuring"
  | "paused"
  /** Ended by the person. */
  | "stopped"
  /** Ended by itself after the last epoch. */
  | "finished"
  /** Ended by itself, since it no longer paid; it has the weights of its best epoch. */
  | "stoppedEarly"
  /** The loss is not finite; the newest checkpoint is from before. */
  | "diverged"
  | "failed";

export type StepMetrics = StepReport;

/** How far the validation in progress is. */
export type ValidationMetrics = Omit<ValidationReport, "type">;

/** How far the measurement in progress is. */
export type QualityMetrics = Omit<QualityReport, "type">;

export type EpochMetrics = EpochReport;

export type WorkerEvent = Broadcast | RequestEvent;

export type EventOf<Type extends WorkerEvent["type"]> = Extract<WorkerEvent, { type: Type }>;

/** What is for the whole page, asked for or not; and samples, which the worker also draws by itself. */
export type Broadcast =
  | { type: "backendReady"; report: BackendReport }
  | { type: "backendFailed"; message: string }
  | ({ type: "datasetProgress"; loadId: string } & DatasetProgress)
  | {
      type: "datasetReady";
      loadId: string;
      /** As it was asked for, unless it is one of the table. */
      dataset: DatasetIdentity;
      numTrain: number;
      numValidation: number;
      /** How many kinds of images the labels tell apart. */
      numClasses: number;
      /** As in the record of a run that learns the labels. */
      checksum: number;
      /** As in the record of a run that learns no labels. */
      pixelChecksum: number;
      /** Labels of the images that samples can begin with: those held out, or all where hardly any are. */
      unseenLabels: Uint8Array;
    }
  /** The dataset loaded before, if any, is still there. */
  | { type: "datasetFailed"; loadId: string; message: string }
  /**
   * The reader of images of their own, by the checksum of their pixels and labels: after these are ready, and once it is
   * trained; null where there is none yet.
   */
  | { type: "reader"; checksum: number; reader: ReaderFacts | null }
  | {
      type: "runStarted";
      runId: string;
      config: RunConfig;
      numParameters: number;
      stepsPerEpoch: number;
      totalSteps: number;
      /** Most images in one forward-backward pass; the batch is made of several when memory is short. */
      microBatchSize: number;
      /** Each has passes of its own, at the same time. */
      numThreads: number;
      /** Where it stops before its last epoch; left out where it does not. */
      budget?: Budget;
      /** The file whose weights it begins with; null for those of the seed. */
      startedFrom: string | null;
    }
  /** A run goes on with fewer threads of WebAssembly than it had, so that the last bits of its numbers are others. */
  | { type: "fewerThreads"; runId: string; numThreads: number; numBefore: number }
  /** While the status is `preparing`, on WebGPU. */
  | { type: "compileProgress"; runId: string; numCompiled: number; numPrograms: number }
  | { type: "runStatus"; runId: string; status: RunStatus }
  /**
   * The run ended with `failed` or `diverged`; says what happened and what to do. Details where
   * something was thrown that was not foreseen, for a bug report.
   */
  | { type: "runFailed"; runId: string; message: string; details: string | null }
  /** The first event of a stored run; a status follows. */
  | { type: "runOpened"; run: OpenedRun }
  | { type: "runNotOpened"; runId: string; message: string }
  /** How far the opening of a run is, from 0 to 1. */
  | { type: "runProgress"; runId: string; fraction: number }
  /** A stored run was not renamed or deleted. */
  | { type: "runNotChanged"; message: string }
  | { type: "checkpointSaved"; runId: string; step: number }
  /** All that are stored, the newest first; after every change, also by another tab. */
  | { type: "runs"; runs: StoredRun[] }
  /** Names of runs that the browser had lost, damaged or set back in one place, and still had in another. */
  | { type: "runsRestored"; names: string[] }
  /** What the user should know of the storage, in sentences: what was deleted for room, what does not work. */
  | { type: "storageNote"; message: string }
  /** Until null follows, what is trained would be lost with the page. */
  | { type: "storageTrouble"; message: string | null }
  /** Whether another tab trains, so that this one cannot; and its run, null where that is not known. */
  | { type: "trainingElsewhere"; isElsewhere: boolean; runId: string | null }
  /** Batched: at most about ten a second. */
  | { type: "steps"; runId: string; steps: StepMetrics[] }
  | ({ runId: string } & ValidationReport)
  | ({ runId: string } & QualityReport)
  /** Training goes on; the epoch has no figures. Only the first of consecutive failures is posted. */
  | { type: "qualityFailed"; runId: string; epoch: number; message: string }
  | { type: "epoch"; runId: string; epoch: EpochMetrics }
  | {
      type: "sampleStarted";
      sampleId: string;
      source: NetworkSource;
      /** `preview`: the worker's own, during training, always from the same noise. */
      origin: "person" | "preview";
      start: SampleStart["kind"];
      count: number;
      /** Denoising steps: those asked for, and fewer from a start with less noise. */
      timesteps: number;
      /** Noise level of each frame, in [0, T), -1 of the last; empty where only that is left. */
      times: readonly number[];
      /** What it is between, or of: `[2, 28, 28]`, `[1, 28, 28]`; null from noise. */
      sources: Uint8Array | null;
      /** Training steps the sampled network has seen; null when nobody knows. */
      trainedSteps: number | null;
    }
  /** Frame 0 is the noise; frame `timesteps` the finished digits. */
  | ({ type: "sampleFrame"; sampleId: string } & SampleFrame)
  /**
   * A snapshot of the run that trains comes when it is drawn; those of a stored run come all at once, after
   * `runOpened`. By step, ascending.
   */
  | { type: "snapshots"; runId: string; snapshots: Snapshot[] }
  /** Training goes on. Only the first of consecutive failures is posted. */
  | { type: "snapshotFailed"; runId: string; step: number; message: string }
  /** `elapsedMs` counts only time spent sampling, not training steps in between. */
  | { type: "sampleDone"; sampleId: string; elapsedMs: number }
  | { type: "sampleCancelled"; sampleId: string }
  | { type: "sampleFailed"; sampleId: string; message: string }
  | { type: "weightsForgotten" }
  /** The graphics device has proven itself with such passes, see `preparing`. */
  | { type: "deviceProven"; pass: string }
  /** The worker can do nothing more. */
  | { type: "fault"; cause: FaultCause; message: string; details: string };

/** Parts and ends of answers, each for whoever asked; those of samples are above. */
export type RequestEvent = { requestId: string } & (
  | LookEvent
  | EvaluationEvent
  | LevelsEvent
  | ({ type: "planeDrawn" } & PlaneDrawn)
  | PlaneMeasuredEvent
  /** How far a timing of a batch is, the export of a run, or the training of a reader, from 0 to 1. */
  | { type: "timingProgress" | "exportProgress" | "readerProgress"; fraction: number }
  | { type: "readerTrained"; reader: ReaderFacts }
  | { type: "batchTimed"; batchMs: number }
  /** A stored run, for a comparison. */
  | ({ type: "runRead"; snapshots: Snapshot[] } & History)
  | { type: "runExported"; files: ExportedFile[] }
  | { type: "weightsSaved"; files: ExportedFile[] }
  /** The images asked for, as far as there are such; pixels `[indices.length, 28, 28]`, 0 black to 255 white. */
  | {
      type: "images";
      indices: readonly number[];
      pixels: Uint8Array<ArrayBuffer>;
      labels: Uint8Array<ArrayBuffer>;
    }
  /** How much of a file of weights, or of a run, has been read. */
  | { type: "fileProgress"; loadedBytes: number; totalBytes: number }
  /** How far decoding and storing a run are, once its file has been read, from 0 to 1. */
  | { type: "importProgress"; fraction: number }
  | { type: "weightsLoaded"; weights: LoadedWeights }
  /** A file turned out to be a whole run; it is stored now. */
  | {
      type: "runImported";
      runId: string;
      name: string;
      /** In sentences, what is missing from its history or unreadable; null when it is whole. */
      gaps: string | null;
    }
  | { type: "requestFailed"; message: string }
  /** By the page, or because another took its place. */
  | { type: "requestCancelled" }
);

export type FaultCause =
  /** The graphics device is gone. */
  | "deviceLost"
  /** The memory of the graphics device, or of WebAssembly, is full. */
  | "outOfMemory"
  /** The graphics driver refused a program. */
  | "refused"
  /** The graphics device computed wrong numbers. */
  | "wrong"
  /** The graphics device reported an error, after which results are wrong. */
  | "deviceError"
  /** Nothing: the page itself ends a worker whose browser leaks, right after a checkpoint. */
  | "renewal"
  /** Something that was not foreseen. */
  | "error";

/** Sends an event to the page; what is transferred is gone here. */
export type Post = (event: WorkerEvent, transfer?: Transferable[]) => void;
