import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { DatasetIdentity } from "../../../engine/data/datasets.ts";
import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import type {
  EpochMetrics,
  EventOf,
  OpenedRun,
  QualityMetrics,
  RunStatus,
  StepMetrics,
  ValidationMetrics,
  WorkerEvent,
} from "../../../runtime/run/events.ts";

export interface Run {
  runId: string;
  name: string;
  /** The images that it was started on. */
  dataset: DatasetIdentity;
  config: RunConfig;
  /** As the worker reported it last; null before. */
  status: RunStatus | null;
  /** What the person asked for and the worker has not answered yet. */
  asked: RunRequest | null;
  size: RunSize | null;
  steps: readonly StepMetrics[];
  /** How many of them were read from storage: trained on another day, or device. */
  numStoredSteps: number;
  epochs: readonly EpochMetrics[];
  /** Steps that the weights saved last had seen; 0 when none were saved. */
  savedSteps: number;
  checkpointStep: number;
  /** Why it failed or diverged; null where it did not, or the worker was lost with it. */
  failure: string | null;
  /** Deleted from storage while it is shown. */
  isDeleted: boolean;
  /** Progress of compiling, before the first step. */
  compiling: { numCompiled: number; numPrograms: number } | null;
  /** Progress of the current validation, or of the one before the current measurement. */
  validation: ValidationMetrics | null;
  /** Progress of the current measurement of samples. */
  measurement: QualityMetrics | null;
  /** How long the last one took; null before the first of this visit. */
  measurementMs: number | null;
}

export type RunRequest = "pause" | "resume" | "stop";

export type RunSize = Omit<EventOf<"runStarted">, "type" | "runId" | "config">;

export function newRun(start: Pick<Run, "runId" | "name" | "dataset" | "config">): Run {
  return {
    ...start,
    status: null,
    asked: null,
    size: null,
    steps: [],
    numStoredSteps: 0,
    epochs: [],
    savedSteps: 0,
    checkpointStep: 0,
    failure: null,
    isDeleted: false,
    compiling: null,
    validation: null,
    measurement: null,
    measurementMs: null,
  };
}

/** Whether more would be lost with the page than was saved. */
export function hasUnsaved(run: Run | null): boolean {
  return run !== null && numSteps(run) > Math.max(run.savedSteps, run.checkpointStep);
}

/** Steps trained so far. The newest may be known from the checkpoint alone. */
export function numSteps({ steps, checkpointStep }: Pick<Run, "steps" | "checkpointStep">): number {
  return Math.max(steps.at(-1)?.step ?? 0, checkpointStep);
}

const ENDED: readonly RunStatus[] = ["stopped", "finished", "stoppedEarly", "diverged", "failed"];

/** Whether the worker still has the run, which may be paused: no other can start, and its settings are fixed. */
export function isActive(run: Run | null): run is Run {
  return run !== null && (run.status === null || !ENDED.includes(run.status));
}

/** Whether all that the open run was to learn is learnt. */
export function hasFinished({ run }: { run: Run | null }): boolean {
  return run?.status === "finished" || run?.status === "stoppedEarly";
}

/** Whether the run trains on without a click: it is active and not paused. */
export function goesOn(run: Run | null): run is Run {
  return isActive(run) && run.status !== "paused";
}

/** `“Quick” is being trained`, of a run that is active; or paused. */
export function formatActivity({ name, status }: Pick<Run, "name" | "status">): string {
  return `“${name}” is ${status === "paused" ? "paused" : "being trained"}`;
}

/** Whether the run of this id is the one that is active in this tab. */
export function isActiveRun({ run }: { run: Run | null }, runId: string): boolean {
  return isActive(run) && run.runId === runId;
}

/** Whether a run is open, and digits are not generated with weights that were loaded since. */
export function isShownRun(
  { run, weights }: { run: Run | null; weights: { loaded: unknown } },
  runId: string,
): boolean {
  return run?.runId === runId && weights.loaded === null;
}

/** Whether the newest epoch has losses by timestep, or before the first a step: not without images to validate on. */
export function hasBuckets(run: Run | null): boolean {
  const newest = run?.epochs.at(-1) ?? liveBefore(run, null);
  return newest?.bucketLosses?.some(Number.isFinite) ?? false;
}

/** The newest live validation, or that of a step at most, of a run without epochs; null where there is none. */
export function liveBefore(run: Run | null, upToStep: number | null): StepMetrics | null {
  if (!run || run.epochs.length > 0 || run.config.validateEvery === 0) return null;
  const most = upToStep ?? Number.POSITIVE_INFINITY;
  const hasLive = ({ bucketLosses }: StepMetrics) => bucketLosses !== undefined;
  const newest = run.steps.findLast((at) => at.step <= most && hasLive(at));
  return newest ?? run.steps.find(hasLive) ?? null;
}

/** A run out of the storage, with all that it has told so far. */
export function runOf({ status, step, steps, epochs, startedFrom, ...opened }: OpenedRun): Run {
  const { config, stepsPerEpoch, numParameters } = opened;
  return {
    ...newRun(opened),
    status,
    steps,
    epochs,
    checkpointStep: step,
    numStoredSteps: steps.length,
    size: {
      numParameters,
      stepsPerEpoch,
      startedFrom,
      totalSteps: stepsPerEpoch * config.epochs,
      microBatchSize: config.batchSize,
      numThreads: 1,
    },
  };
}

export type RunEvent = Extract<
  WorkerEvent,
  {
    type:
      | "runStarted"
      | "compileProgress"
      | "runStatus"
      | "runFailed"
      | "steps"
      | "validationProgress"
      | "qualityProgress"
      | "epoch"
      | "checkpointSaved";
  }
>;

/** @param event of this run */
export function applyRunEvent(run: Run, event: RunEvent): Run {
  switch (event.type) {
    case "runStarted": {
      const { type: _, runId: __, config, ...size } = event;
      return { ...run, config, size, status: run.status ?? "preparing", failure: null };
    }
    case "compileProgress": {
      const { type: _, runId: __, ...compiling } = event;
      return { ...run, compiling };
    }
    case "runStatus": {
      const { status } = event;
      const measurement = status === "measuring" ? run.measurement : null;
      const validation = status === "validating" || status === "measuring" ? run.validation : null;
      return { ...run, status, asked: null, validation, measurement };
    }
    case "runFailed":
      return { ...run, failure: event.message, asked: null, validation: null, measurement: null };
    case "checkpointSaved":
      return { ...run, checkpointStep: event.step, isDeleted: false };
    case "steps":
      return { ...run, steps: run.steps.concat(event.steps) };
    case "validationProgress": {
      const { type: _, runId: __, ...validation } = event;
      return { ...run, validation };
    }
    case "qualityProgress": {
      const { type: _, runId: __, ...measurement } = event;
      return { ...run, measurement };
    }
    case "epoch":
      return {
        ...run,
        epochs: [...run.epochs, event.epoch],
        validation: null,
        measurement: null,
        // One that failed says nothing.
        measurementMs:
          event.epoch.quality && run.measurement ? run.measurement.elapsedMs : run.measurementMs,
      };
    default:
      event satisfies never;
      return run;
  }
}

/** What a run does besides steps, and how far it is with that: 0 to 1. */
export type RunPart = { fraction: number } & (
  | { name: "Programs" | "Validation"; numDone: number; total: number }
  /** One after the other, each with its own fraction. */
  | { name: "Measuring quality"; doing: MeasureProgress["doing"] }
);

/** Null while it does steps, or nothing. */
export function runPart({ status, compiling, validation, measurement }: Run): RunPart | null {
  if (status === "preparing" && compiling) {
    return part("Programs", compiling.numCompiled, compiling.numPrograms);
  }
  if (status === "validating" && validation) {
    return part("Validation", validation.numImages, validation.totalImages);
  }
  if (status === "measuring" && measurement) {
    const { doing, fraction } = measurement;
    return { name: "Measuring quality", doing, fraction };
  }
  return null;
}

function part(name: "Programs" | "Validation", numDone: number, total: number): RunPart {
  return { name, numDone, total, fraction: total > 0 ? numDone / total : 0 };
}
