/** How long an epoch takes on this device with the settings of the form. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { runLength, teacherPasses, validatedImages } from "../../../engine/config/runLength.ts";
import { FORWARD_SHARE } from "../../../engine/nn/multiplyAdds.ts";
import type { BatchTimingEvent } from "../../../hosts/measuring/measuringProtocol.ts";
import type { BackendReport } from "../../../runtime/run/events.ts";
import { startMeasuring } from "../client/workers.ts";
import { type AppState, backendFailure } from "../state.ts";
import type { AppStore } from "../store.ts";
import { isSameWork } from "./epochTiming.ts";
import { liveFactor, paceOf } from "./pace.ts";
import { isActive, type Run } from "./run.ts";

/** How long an epoch takes with its validations, and all epochs; without previews, checkpoints and measurements. */
export interface EpochTime {
  epochMs: number;
  totalMs: number;
}

/** The first step compiles, so it is slow. */
const MIN_RUN_STEPS = 4;

/** Times settings in a worker of its own, which ends as soon as anything else computes. */
export function epochTimer(store: AppStore) {
  let end: ((batchMs: number | null) => void) | null = null;

  function cancel() {
    finish(null);
  }

  function finish(batchMs: number | null) {
    if (!end) return;
    end(batchMs);
    end = null;
    store.setState(cancelTiming);
  }

  /**
   * @param maxMicroBatch see `BatchTimingRequest`
   * @returns milliseconds of a batch; null where it was cancelled or has failed
   */
  async function start(
    maxMicroBatch: number | null,
    config = store.getState().config,
  ): Promise<number | null> {
    const { backend, config: form } = store.getState();
    if (backend.status !== "ready" || busyReason(store.getState()) !== null) return null;
    cancel();
    store.setState(startTiming);
    const request = {
      type: "timeBatch",
      backend: backend.report.backend,
      fallback: backend.report.fallback,
      config,
      maxMicroBatch,
    } as const;
    const endWorker = startMeasuring(request, (event) => {
      store.setState((state) => afterTimingEvent(state, event, config));
      if (event.type !== "timingProgress") {
        finish(event.type === "batchTimed" ? event.batchMs : null);
      }
    });
    const unsubscribe = store.subscribe((state) => {
      if (busyReason(state) !== null || !isSameWork(state.config, form)) cancel();
    });
    return new Promise((resolve) => {
      end = (batchMs) => {
        unsubscribe();
        endWorker();
        resolve(batchMs);
      };
    });
  }

  return { start, cancel };
}

export function startTiming(state: AppState): AppState {
  return { ...state, epochTiming: { ...state.epochTiming, fraction: 0, failure: null } };
}

export function cancelTiming(state: AppState): AppState {
  return { ...state, epochTiming: { ...state.epochTiming, fraction: null } };
}

/** The state after an event of the worker that times a configuration. */
export function afterTimingEvent(
  state: AppState,
  event: BatchTimingEvent,
  config = state.config,
): AppState {
  const { epochTiming } = state;
  if (epochTiming.fraction === null) return state;
  switch (event.type) {
    case "timingProgress":
      return { ...state, epochTiming: { ...epochTiming, fraction: event.fraction } };
    case "batchTimed":
      return withBatchTime(cancelTiming(state), config, event.batchMs);
    case "measuringFailed":
      return { ...state, epochTiming: { ...epochTiming, fraction: null, failure: event.message } };
    default:
      throw event satisfies never;
  }
}

/** Why the device cannot be measured now; null when nothing else computes on it. */
export function busyReason(state: AppState): string | null {
  const { backend, run, trainRequested, continueRequested, samples, stored } = state;
  const failure = backendFailure(state);
  if (failure) return failure;
  if (backend.status === "starting") return "The backend is still starting.";
  const isPaused = run?.status === "paused" && run.asked === null;
  if (trainRequested || continueRequested || (isActive(run) && !isPaused)) {
    return "A run is in progress, and would compute at the same time. Pause or stop it first.";
  }
  if (stored.isTrainingElsewhere) {
    return "Another tab trains, and would compute at the same time. Pause or stop its run first.";
  }
  return samples.requestedId === null ? null : "Digits are being drawn. Wait until they are done.";
}

/** When a run pauses or has ended, its own time, without that of a teacher, replaces what was measured before. */
export function withRunTime(state: AppState, run: Run): AppState {
  if (isActive(run) && run.status !== "paused") return state;
  const steps = run.steps.slice(run.numStoredSteps);
  const speed = paceOf({ ...run, steps })?.imagesPerSecond ?? null;
  if (steps.length < MIN_RUN_STEPS || speed === null) return state;
  const { config } = run;
  const teaching = FORWARD_SHARE * teacherPasses(config);
  return withBatchTime(state, config, (1000 * config.batchSize) / speed / (1 + teaching));
}

/** Null where nothing is known of such a batch on this device, or of the images. */
export function epochTimeOf(state: AppState): EpochTime | null {
  const { config, dataset, epochTiming } = state;
  const device = deviceOf(state);
  const time = epochTiming.known.find((t) => t.device === device && isSameWork(t.config, config));
  return time && dataset.current ? epochTime(config, time.batchMs, dataset.current) : null;
}

/** What follows from the time of a batch. */
export function epochTime(
  config: RunConfig,
  batchMs: number,
  { numTrain, numValidation }: { numTrain: number; numValidation: number },
): EpochTime {
  const { imagesPerEpoch } = runLength(config, numTrain);
  const teaching = FORWARD_SHARE * teacherPasses(config);
  const trained = (liveFactor(config) + teaching) * imagesPerEpoch;
  const validated = (FORWARD_SHARE + teaching) * validatedImages(config, numValidation);
  const epochMs = (batchMs / config.batchSize) * (trained + validated);
  return { epochMs, totalMs: epochMs * config.epochs };
}

function withBatchTime(state: AppState, config: RunConfig, batchMs: number): AppState {
  const device = deviceOf(state);
  if (device === null) return state;
  const others = state.epochTiming.known.filter(
    (t) => t.device !== device || !isSameWork(t.config, config),
  );
  const known = [...others, { config, device, batchMs }];
  return { ...state, epochTiming: { ...state.epochTiming, failure: null, known } };
}

function deviceOf({ backend }: AppState): BackendReport["device"] | null {
  return backend.status === "ready" ? backend.report.device : null;
}
