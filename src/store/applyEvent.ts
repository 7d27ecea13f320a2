import { nearestPreset } from "../config/presets.ts";
import type { NetworkSource, WorkerEvent } from "../worker/protocol.ts";
import { applyDatasetEvent, type DatasetEvent } from "./dataset.ts";
import { addNotice, type Notice, withoutSource } from "./notices.ts";
import { applyRunEvent, isActive, type RunEvent, withSaved } from "./run.ts";
import {
  applySampleEvent,
  endSampling,
  isKnown,
  type SampleEvent,
  startGeneration,
} from "./samples.ts";
import type { AppState } from "./state.ts";
import { applyWeightsEvent, NO_WEIGHTS, type WeightsEvent } from "./weights.ts";

/**
 * The state after one word of the worker. Pure. Events of a run, dataset or sample that is no
 * longer the current one change nothing.
 */
export function applyEvent(state: AppState, event: WorkerEvent): AppState {
  switch (event.type) {
    case "backendReady":
      return { ...state, backend: { status: "ready", report: event.report } };
    case "backendFailed": {
      const { message } = event;
      const failed: AppState = {
        ...state,
        backend: { status: "failed", message },
        trainRequested: false,
      };
      return noticed(failed, { title: "Nothing to compute on", message, remedy: "reloadPage" });
    }
    case "datasetProgress":
    case "datasetReady":
    case "datasetFailed":
      return afterDatasetEvent(state, event);
    case "runStarted":
    case "compileProgress":
    case "runStatus":
    case "runFailed":
    case "steps":
    case "validationProgress":
    case "epoch":
      return afterRunEvent(state, event);
    case "sampleStarted":
      // A preview of the run before this one would be taken for this one's.
      if (event.origin === "preview" && !isOfRun(event.source, state.run)) return state;
      return { ...state, samples: startGeneration(state.samples, event) };
    case "sampleFrame":
    case "sampleDone":
    case "sampleCancelled":
    case "sampleFailed":
      return afterSampleEvent(state, event);
    case "weightsSaved":
      // The client hands it to the person.
      if (state.weights.isSampled || !state.run) return state;
      return { ...state, run: withSaved(state.run) };
    case "weightsLoaded":
    case "weightsNotLoaded":
    case "weightsForgotten":
      return afterWeightsEvent(state, event);
    case "weightsNotSaved":
      return noticed(state, { title: "The weights were not saved", message: event.message });
    case "fault":
      return noticed(afterFault(state, event.message), {
        title: "Something went wrong",
        message: event.message,
        details: event.details,
        remedy: "reloadPage",
      });
    default:
      event satisfies never;
      return state;
  }
}

function afterDatasetEvent(state: AppState, event: DatasetEvent): AppState {
  const { loading } = state.dataset;
  if (loading?.datasetId !== event.datasetId) return state;
  const after = { ...state, dataset: applyDatasetEvent(state.dataset, loading, event) };
  if (event.type === "datasetProgress") return after;
  after.notices = withoutSource(state.notices, "dataset");
  if (event.type === "datasetReady") return after;
  return noticed(
    { ...after, trainRequested: false },
    {
      title: `${loading.name} did not load`,
      message: event.message,
      source: "dataset",
      remedy: state.dataset.current === null ? "retryMnist" : null,
    },
  );
}

function afterRunEvent(state: AppState, event: RunEvent): AppState {
  if (state.run?.runId !== event.runId) return state;
  const after = { ...state, run: applyRunEvent(state.run, event) };
  // From now on it is the newer network.
  if (event.type === "runStarted") after.weights = { ...state.weights, isSampled: false };
  if (event.type !== "runFailed") return after;
  return noticed(after, { title: "The run ended", message: event.message });
}

function afterSampleEvent(state: AppState, event: SampleEvent): AppState {
  if (!isKnown(state.samples, event.sampleId)) return state;
  const after = { ...state, samples: applySampleEvent(state.samples, event) };
  if (event.type !== "sampleFailed") return after;
  return noticed(after, { title: "Sampling failed", message: event.message });
}

function isOfRun(source: NetworkSource, run: AppState["run"]): boolean {
  return source.kind === "run" && source.runId === run?.runId;
}

function afterWeightsEvent(state: AppState, event: WeightsEvent): AppState {
  const after = { ...state, weights: applyWeightsEvent(state.weights, event) };
  if (event.type === "weightsForgotten") return after;
  after.notices = withoutSource(state.notices, "weights");
  if (event.type === "weightsNotLoaded") {
    const { fileName, message } = event;
    // A Train that waits was meant to begin with them.
    return noticed(
      { ...after, trainRequested: false },
      { title: `${fileName} did not load`, message, source: "weights" },
    );
  }
  const { config } = event.weights;
  return { ...after, config, preset: nearestPreset(config) };
}

/** The worker is gone, and with it all that it was at: nothing may wait for its answer. */
function afterFault(state: AppState, message: string): AppState {
  const { run } = state;
  return {
    ...state,
    backend: { status: "failed", message },
    trainRequested: false,
    dataset: { ...state.dataset, loading: null },
    run: isActive(run)
      ? applyRunEvent(run, { type: "runStatus", runId: run.runId, status: "failed" })
      : run,
    samples: endSampling(state.samples),
    weights: NO_WEIGHTS,
  };
}

function noticed(
  state: AppState,
  notice: Pick<Notice, "title" | "message"> & Partial<Notice>,
): AppState {
  const complete = { details: null, source: null, remedy: null, ...notice };
  return { ...state, notices: addNotice(state.notices, complete) };
}
