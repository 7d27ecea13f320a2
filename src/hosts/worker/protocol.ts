/** Every message from the page to the worker; its answers are in `runtime/run/events.ts`. Types only. */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type { Budget } from "../../engine/config/sweep.ts";
import type { DatasetFile } from "../../engine/data/datasetFile.ts";
import type { DatasetIdentity } from "../../engine/data/datasets.ts";
import type { ReportChoices } from "../../runtime/files/reportChoices.ts";
import type { FormatOf } from "../../runtime/files/runFormats.ts";
import type { Fallback, Proof } from "../../runtime/run/events.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  LookRequest,
  PlaneRequest,
  SampleRequest,
  WeightsChoice,
} from "../../runtime/run/samplingProtocol.ts";

export type BackendChoice = "auto" | "webgpu" | "wasm";

export interface SaveRequest {
  weights: WeightsChoice;
  format: FormatOf<"weights">;
}

export type Command =
  /** `fallback` and `submitShare` as in `startBackend`; `proof` of earlier visits. */
  | {
      type: "init";
      backend: BackendChoice;
      fallback?: Fallback | null;
      proof?: Proof | null;
      submitShare?: number;
    }
  /** Aborts an earlier one that is still loading, without an answer to that one. */
  | { type: "loadDataset"; loadId: string; dataset: DatasetIdentity; files: DatasetFile[] }
  | ({ type: "train"; runId: string; name: string; preset: string; config: RunConfig } & Limits)
  /** Shows a stored run, and draws samples from it. */
  | { type: "openRun"; runId: string }
  /** Trains a stored run on from its newest checkpoint that is whole. */
  | ({ type: "continueRun"; runId: string; learningRateFactor: number } & Limits)
  /** Reads a stored run for a comparison; the one that is shown stays. */
  | { type: "readRun"; requestId: string; runId: string }
  | { type: "renameRun"; runId: string; name: string }
  | { type: "deleteRun"; runId: string }
  /** `choices` are those of a web page. */
  | {
      type: "exportRun";
      requestId: string;
      runId: string;
      format: FormatOf<"run">;
      choices?: ReportChoices;
    }
  /** Saves a checkpoint now: the page may soon be gone. */
  | { type: "saveCheckpoint" }
  | { type: "pause"; runId: string }
  | { type: "resume"; runId: string }
  | { type: "stop"; runId: string }
  /** `config` has the settings of sampling, and those that the network lacks. */
  | { type: "sample"; request: SampleRequest; config: RunConfig }
  /**
   * Ends a request for samples, whose `requestId` is the `sampleId` of its `SampleRequest`, a measurement, the training of a reader or a timing. A
   * request of any other kind goes on.
   */
  | { type: "cancel"; requestId: string }
  /** Measures samples of a network, or compares samplers by them; `config` as for `sample`. One at a time: a new one ends the old. */
  | { type: "evaluate"; request: EvaluationRequest | ComparisonRequest; config: RunConfig }
  /** Trains the reader of the images that are loaded, by which samples of them are measured. One at a time. */
  | { type: "trainReader"; requestId: string }
  /**
   * Measures how long training takes a batch with these settings; `maxMicroBatch` as in `Limits`. One at a time: a new
   * one ends the old.
   */
  | { type: "timeBatch"; requestId: string; config: RunConfig; maxMicroBatch: number | null }
  /**
   * Measures what the network that is sampled, one of one noise level, does at several; `config` as for `sample`. One at a
   * time: a new one ends the old.
   */
  | { type: "measureLevels"; requestId: string; config: RunConfig }
  /** Images that no network has seen, by their place in the dataset's validation part; of its training part where there is none. */
  | { type: "showImages"; requestId: string; indices: readonly number[] }
  /** Looks inside of the network that is sampled. One at a time: a new one takes the place of the old. */
  | { type: "look"; request: LookRequest; config: RunConfig }
  /** Draws points from the network that is sampled, one of points; `config` as for `sample`. One at a time: a new one ends the old. */
  | { type: "drawPlane"; request: PlaneRequest; config: RunConfig }
  /** Measures the field and the points of that network; `config` as for `sample`. One at a time. */
  | { type: "measurePlane"; requestId: string; config: RunConfig }
  | { type: "saveWeights"; requestId: string; request: SaveRequest; config: RunConfig }
  /** Reads a safetensors file; its network is sampled, and the next run begins with it. A run is stored. */
  | { type: "openFile"; requestId: string; file: File; config: RunConfig }
  /** Takes the weights of a stored run that are sampled, as if they came from a file of this name. */
  | { type: "loadRunWeights"; requestId: string; runId: string; name: string }
  /** The next run begins anew. */
  | { type: "forgetWeights" };

export type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

interface Limits {
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxMicroBatch: number | null;
  /** Stops where this is used up, with a checkpoint; left out where the last epoch ends it. */
  budget?: Budget;
}
