import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { datasetEntry } from "../../engine/data/datasets.ts";
import { firstFewQuoted, shortenedMessage } from "../../engine/shortenedText.ts";
import type { Broadcast, EventOf } from "../../runtime/run/events.ts";
import type { NetworkSource } from "../../runtime/run/samplingProtocol.ts";
import { afterOpening, afterRefusal } from "./opening.ts";
import { withoutWorker } from "./slices/comparison.ts";
import { classesOf, NO_DATASET } from "./slices/dataset.ts";
import { withRunTime } from "./slices/epochTimer.ts";
import { addSnapshots } from "./slices/evolution.ts";
import { noticed, type Remedy, withoutSource } from "./slices/notices.ts";
import { applyRunEvent, goesOn, isActive, type RunEvent } from "./slices/run.ts";
import { afterPreviewEvent, endSampling, NO_SAMPLES } from "./slices/samples.ts";
import { isReadable } from "./slices/storedRuns.ts";
import { formWithout, NO_WEIGHTS, withoutLoaded } from "./slices/weights.ts";
import type { AppState } from "./state.ts";

type DatasetEvent = EventOf<"datasetProgress" | "datasetReady" | "datasetFailed">;

const NOTHING_REQUESTED = { trainRequested: false, continueRequested: null };

/** The state after an event of the worker. Pure. Events of any other run, dataset or sample are ignored. */
export function applyEvent(state: AppState, received: Broadcast): AppState {
  // A message may quote a file, of any length.
  const event =
    "message" in received && received.message !== null
      ? { ...received, message: shortenedMessage(received.message) }
      : received;
  switch (event.type) {
    case "backendReady":
      return { ...state, backend: { status: "ready", report: event.report } };
    case "backendFailed": {
      const backend = { status: "failed", message: event.message } as const;
      const failed = { ...state, ...NOTHING_REQUESTED, backend };
      return noticed(failed, "There is nothing to compute on", event.message, {
        remedies: ["reloadPage"],
      });
    }
    case "datasetProgress":
    case "datasetReady":
    case "datasetFailed":
      return afterDatasetEvent(state, event);
    case "reader": {
      const { checksum, reader } = event;
      return { ...state, reader: { ...state.reader, known: { checksum, facts: reader } } };
    }
    case "runStarted":
    case "compileProgress":
    case "runStatus":
    case "runFailed":
    case "steps":
    case "validationProgress":
    case "qualityProgress":
    case "epoch":
    case "checkpointSaved":
      return afterRunEvent(state, event);
    case "fewerThreads": {
      if (event.runId !== state.run?.runId) return state;
      const { numBefore, numThreads } = event;
      const message = `It trained on ${numBefore} threads before, and on this device it trains on ${numThreads}. It learns just as well; only the last digits of its losses may differ from those of a run without the break.`;
      const title = "The run continues on fewer threads";
      return noticed(state, title, message, { tone: "info", source: "run" });
    }
    case "runOpened":
      return afterOpening(state, event.run);
    case "runNotOpened":
      return afterRefusal(state, event);
    case "runNotChanged":
      return noticed(state, "The run was not changed", event.message, { source: "run" });
    case "runsRestored":
      return afterRestoring(state, event);
    case "runs":
      return afterList(state, event);
    case "storageNote":
      return noticed(state, "Saved runs", event.message, { tone: "info" });
    case "storageTrouble":
      return { ...state, stored: { ...state.stored, trouble: event.message } };
    case "trainingElsewhere": {
      const { isElsewhere, runId } = event;
      const stored = { ...state.stored, isTrainingElsewhere: isElsewhere, elsewhereId: runId };
      return { ...state, stored };
    }
    case "runProgress": {
      const { runId, fraction } = event;
      return { ...state, stored: { ...state.stored, progress: { runId, fraction } } };
    }
    case "snapshots":
      if (event.runId !== state.run?.runId) return state;
      return { ...state, evolution: addSnapshots(state.evolution, event) };
    case "snapshotFailed": {
      if (event.runId !== state.run?.runId) return state;
      const message = goesOn(state.run)
        ? `${event.message} Training continues, and the next snapshot is drawn at its step.`
        : event.message;
      const title = `The snapshot of step ${event.step} failed`;
      return noticed(state, title, message, { source: "run" });
    }
    case "qualityFailed": {
      if (event.runId !== state.run?.runId) return state;
      const message = goesOn(state.run) ? `${event.message} Training continues.` : event.message;
      const word = state.run.config.distilFrom > 0 ? "Phase" : "Epoch";
      return noticed(state, `${word} ${event.epoch} was not measured`, message, { source: "run" });
    }
    // Only the worker's own previews come this way; digits that a person asked for are answers (answers.ts).
    case "sampleStarted":
      // A preview of an earlier run may still arrive, and must not be shown as one of the run that is open.
      if (event.origin !== "preview" || !isOfRun(event.source, state.run)) return state;
      return { ...state, samples: afterPreviewEvent(state.samples, event) };
    case "sampleFrame":
    case "sampleDone":
    case "sampleCancelled":
    case "sampleFailed":
      return { ...state, samples: afterPreviewEvent(state.samples, event) };
    // Proofs of the device are no part of the state: recovery.ts keeps them for the next visit.
    case "deviceProven":
      return state;
    case "weightsForgotten":
      return {
        ...state,
        weights: withoutLoaded(state.weights),
        // Digits of theirs; without a run the page is as it was opened.
        ...(state.run === null && { samples: { ...NO_SAMPLES, isStill: state.samples.isStill } }),
      };
    case "fault":
      // The client says what becomes of the run, and may start the worker anew (recovery.ts).
      return afterFault(state, event.message);
    default:
      event satisfies never;
      return state;
  }
}

function afterRestoring(state: AppState, { names }: EventOf<"runsRestored">): AppState {
  const message = `The browser lost, damaged or reverted one of the two copies of these runs. They were restored from the other: ${firstFewQuoted(names)}.`;
  return noticed(state, "Runs were restored", message, { tone: "info" });
}

function afterDatasetEvent(state: AppState, event: DatasetEvent): AppState {
  const { current, loading } = state.dataset;
  if (loading?.loadId !== event.loadId) return state;
  if (event.type === "datasetProgress") {
    const { type: _, ...progress } = event;
    return { ...state, dataset: { current, loading: { ...loading, ...progress } } };
  }
  const notices = withoutSource(state.notices, "dataset", "images");
  const { id, name } = loading;
  if (event.type === "datasetReady") {
    const { type: _, loadId: __, dataset, ...read } = event;
    return {
      ...state,
      config: withClassesOf(state.config, current, read),
      dataset: { current: { ...dataset, ...read }, loading: null },
      notices,
    };
  }
  const after = {
    ...state,
    ...NOTHING_REQUESTED,
    dataset: { ...state.dataset, loading: null },
    notices,
  };
  return noticed(after, `${name} did not load`, event.message, {
    source: datasetEntry({ id }).bundled ? "dataset" : "images",
    remedies: current === null ? ["retryDataset"] : [],
  });
}

/** A form whose classes were those of the images before gets those of the new ones. */
function withClassesOf(
  config: RunConfig,
  before: AppState["dataset"]["current"],
  images: { numClasses: number },
): RunConfig {
  if (!before || config.classes !== classesOf(before)) return config;
  const classes = classesOf(images);
  if (classes === config.classes) return config;
  return { ...config, classes };
}

function afterRunEvent(state: AppState, event: RunEvent): AppState {
  if (state.run?.runId !== event.runId) return state;
  const run = applyRunEvent(state.run, event);
  const after = { ...state, run };
  if (event.type === "runStatus") return withFormBefore(withRunTime(after, run));
  // From now on it is the page's network.
  if (event.type === "runStarted") {
    after.weights = { ...state.weights, loaded: null, formBefore: formAfter(state) };
    after.notices = withoutSource(state.notices, "run", "form");
    after.stored = { ...state.stored, addressed: null };
    after.isFormOpen = false;
    if (state.firstStep === 0) after.firstStep = 1;
  }
  if (event.type !== "runFailed") return after;
  const { message, details } = event;
  if (run.status !== "diverged") {
    // The worker has refused to start it, and would again as it is.
    const title = details === null ? "Training did not start" : "Training failed";
    const remedies = details === null ? [] : (["continueRun", ...withoutGpu(state)] as const);
    return noticed(after, title, message, { details, source: "run", remedies });
  }
  const title = "The loss left the range of numbers";
  const stored = state.stored.runs?.find(({ runId }) => runId === event.runId);
  if (!stored || !isReadable(stored)) {
    const remedies = withoutGpu(state);
    return noticed(after, title, message, { source: "run", remedies });
  }
  const advice = `The last good checkpoint is of step ${stored.step}.`;
  const remedies = ["halveLearningRate", ...withoutGpu(state)] as const;
  return noticed(after, title, `${message} ${advice}`, { source: "run", remedies });
}

/** What is to come back into the form. */
function formAfter(state: AppState) {
  return state.weights.loaded ? formWithout(state) : state.weights.formBefore;
}

/** The settings of a run that began with loaded weights leave the form with it, as they do with the weights. */
function withFormBefore(state: AppState): AppState {
  const { formBefore, loaded } = state.weights;
  if (isActive(state.run) || loaded || !formBefore) return state;
  return { ...state, ...formBefore, weights: { ...state.weights, formBefore: null } };
}

/** The run that is shown may have been renamed or deleted, here or in another tab. */
function afterList(state: AppState, event: EventOf<"runs">): AppState {
  const { run } = state;
  const stored = { ...state.stored, runs: event.runs };
  if (!run) return { ...state, stored };
  const listedIn = (runs: AppState["stored"]["runs"]) => runs?.find((r) => r.runId === run.runId);
  const listed = listedIn(event.runs);
  const isGone = listedIn(state.stored.runs) && !listed;
  // Lost with the page, unless its weights are saved to a file.
  if (isGone) return { ...state, stored, run: { ...run, isDeleted: true, checkpointStep: 0 } };
  const isRenamed = listed && listed.name !== run.name;
  return { ...state, stored, run: isRenamed ? { ...run, name: listed.name } : run };
}

/** Whatever fails on a graphics device may be its fault. */
export function withoutGpu({ backend }: AppState): readonly Remedy[] {
  return backend.status === "ready" && backend.report.backend === "webgpu" ? ["useWasm"] : [];
}

function isOfRun(source: NetworkSource, run: AppState["run"]): boolean {
  return source.kind === "run" && source.runId === run?.runId;
}

/** The worker is gone, and with it all that it had: nothing may wait for its answer. */
function afterFault(state: AppState, message: string): AppState {
  const { run } = state;
  return withFormBefore({
    ...state,
    ...NOTHING_REQUESTED,
    backend: { status: "failed", message },
    dataset: NO_DATASET,
    // The next worker tells anew whether another tab trains.
    stored: {
      ...state.stored,
      opening: null,
      exporting: [],
      progress: null,
      isTrainingElsewhere: false,
      elsewhereId: null,
    },
    run: isActive(run)
      ? applyRunEvent(run, {
          type: "runStatus",
          runId: run.runId,
          // It was saved when it was paused.
          status: run.status === "paused" ? "stopped" : "failed",
        })
      : run,
    samples: endSampling(state.samples),
    comparison: withoutWorker(state.comparison, message),
    weights: { ...NO_WEIGHTS, formBefore: formAfter(state) },
  });
}
