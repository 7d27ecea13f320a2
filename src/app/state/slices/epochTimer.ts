/**
 * How long an epoch takes on this device with the settings of the form. _Estimate time_ has the worker time a batch
 * (`client/timingClient.ts`), which becomes `withBatchTime`; a run that pauses or ends tells better (`withRunTime`). What
 * follows from it is `epochTimeOf`. Pure.
 */

import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { runLength, teacherPasses, validatedImages } from "../../../engine/config/runLength.ts";
import { FORWARD_SHARE, totalMultiplyAdds } from "../../../engine/nn/multiplyAdds.ts";
import { capitalized } from "../../../runtime/format.ts";
import type { BackendReport } from "../../../runtime/run/events.ts";
import type { Outcome } from "../client/answers.ts";
import { type AppState, backendFailure } from "../state.ts";
import { nounOfSet } from "./dataset.ts";
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

/** @param fraction how far the timing is, 0 to 1 */
export function withTiming(state: AppState, config: RunConfig, fraction = 0): AppState {
  const inProgress = { config, fraction };
  return { ...state, epochTiming: { ...state.epochTiming, inProgress, failure: null } };
}

export function cancelTiming(state: AppState): AppState {
  return { ...state, epochTiming: { ...state.epochTiming, inProgress: null } };
}

/** The timing of these settings came to its end. */
export function afterTiming(
  state: AppState,
  config: RunConfig,
  outcome: Outcome<"timing">,
): AppState {
  const ended = cancelTiming(state);
  if (outcome.status === "done") return withBatchTime(ended, config, outcome.end.batchMs);
  if (outcome.status !== "failed") return ended;
  const failure = { message: outcome.message, config };
  return { ...ended, epochTiming: { ...ended.epochTiming, failure } };
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
  return samples.requestedId === null
    ? null
    : `${capitalized(nounOfSet(state))}s are being drawn. Wait until they are done.`;
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

/**
 * How long all epochs of some settings take on this device: by the time of such a batch, or of another one and the
 * multiply-adds of both. Null before anything was timed here.
 */
export function expectedMs(state: AppState, config: RunConfig): number | null {
  const { dataset, epochTiming } = state;
  const device = deviceOf(state);
  const timed = epochTiming.known.filter((time) => time.device === device);
  const nearest = timed.find((time) => isSameWork(time.config, config)) ?? timed.at(-1);
  if (!nearest || !dataset.current) return null;
  const workOf = (of: RunConfig) => of.batchSize * totalMultiplyAdds(of);
  const batchMs = (nearest.batchMs * workOf(config)) / workOf(nearest.config);
  return epochTime(config, batchMs, dataset.current).totalMs;
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
