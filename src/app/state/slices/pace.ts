import { median } from "d3-array";
import { numMeasuredAfter } from "../../../engine/config/epochSamples.ts";
import { LIVE_IMAGES } from "../../../engine/config/hyperparameters/training.ts";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { FORWARD_SHARE } from "../../../engine/nn/multiplyAdds.ts";
import { imagesPerSecond } from "../../../engine/train/metrics.ts";
import { isActive, numSteps, type Run } from "./run.ts";

/** How far a run is, and how fast. */
export interface Pace {
  /** Optimizer steps done. */
  step: number;
  totalSteps: number;
  /** 1-based; at the end the last. */
  epoch: number;
  numEpochs: number;
  stepInEpoch: number;
  stepsPerEpoch: number;
  /** Null before the first step. */
  stepsPerSecond: number | null;
  imagesPerSecond: number | null;
  /** Null before the first step, and while the time of the only thing left is not known. */
  leftMs: number | null;
  /** What `leftMs` is of: the time of validations and measurements is not known at first. */
  leftOf: "all" | "training";
  /** Whether the steps have gone on for long enough that the time left is worth telling. */
  isSettled: boolean;
}

/** Speed is the median of so many steps. */
const NUM_SPEED_STEPS = 30;

/** The time left follows from the steps of a minute, so that it does not change with whatever else the computer does. */
const LEFT_MS = 60_000;

/** Null until the worker has said how long the run is. */
export function paceOf(run: Run): Pace | null {
  const { size, config, steps } = run;
  if (!size) return null;
  const { stepsPerEpoch } = size;
  // A run of a sweep that has ended is unfinished: Resume goes on to the end.
  const { budget = { steps: size.totalSteps } } = isActive(run) ? size : {};
  // With a budget of minutes, the last step is not known.
  const most = "steps" in budget ? budget.steps : Number.NaN;
  const totalSteps = Math.min(size.totalSteps, most || size.totalSteps);
  const step = numSteps(run);
  const numDone = Math.max(0, Math.ceil(step / stepsPerEpoch) - 1);
  const stepMs = medianStepMs(steps, steps.length - NUM_SPEED_STEPS);
  const isTimed = stepMs > 0;
  const trainingMs = expectedStepMs(run) * (totalSteps - step);
  const epochs = Math.floor(totalSteps / stepsPerEpoch);
  const betweenMs = betweenLeftMs({ ...run, config: { ...config, epochs } });
  const isBetween = run.status === "validating" || run.status === "measuring";
  const isKnown = isTimed && most > 0 && (betweenMs !== null || (step < totalSteps && !isBetween));
  return {
    step,
    totalSteps,
    epoch: numDone + 1,
    numEpochs: config.epochs,
    stepInEpoch: step - numDone * stepsPerEpoch,
    stepsPerEpoch,
    stepsPerSecond: isTimed ? 1000 / stepMs : null,
    imagesPerSecond: isTimed ? imagesPerSecond(stepMs, config) : null,
    leftMs: isKnown ? trainingMs + (betweenMs ?? 0) : null,
    leftOf: betweenMs === null ? "training" : "all",
    isSettled: hasSettled(steps),
  };
}

/** The first steps are slower, for a while: what follows from them would alarm. */
const MIN_LASTED_MS = 5_000;

function hasSettled(steps: Run["steps"]): boolean {
  const lastedMs = (steps.at(-1)?.wallTimeMs ?? 0) - (steps[0]?.wallTimeMs ?? 0);
  return steps.length > NUM_SPEED_STEPS || lastedMs >= MIN_LASTED_MS;
}

/** A median, since the time of a step during which the page stood still says nothing about speed. */
function medianStepMs(steps: Run["steps"], first: number): number {
  // The first step compiles kernels.
  const recent = steps.slice(Math.max(1, first));
  return median(recent.length > 0 ? recent : steps, (s) => s.stepMs) ?? 0;
}

/** How long a coming step will take, with its share of the live validations. */
function expectedStepMs({ steps, config }: Run): number {
  return medianStepMs(steps, firstOfMinute(steps)) * liveFactor(config);
}

/** Where the steps of the last minute begin, or those that the speed follows from where these are more. */
function firstOfMinute(steps: Run["steps"]): number {
  const sinceMs = (steps.at(-1)?.wallTimeMs ?? 0) - LEFT_MS;
  let first = Math.max(0, steps.length - NUM_SPEED_STEPS);
  while (first > 0 && (steps[first - 1]?.wallTimeMs ?? 0) >= sinceMs) first--;
  return first;
}

/** How long a run still trains before its first validation; null when that is over, or not known. */
export function firstValidationMs(run: Run): number | null {
  const pace = run.status === "training" && run.epochs.length === 0 ? paceOf(run) : null;
  if (!pace?.stepsPerSecond) return null;
  return expectedStepMs(run) * (pace.stepsPerEpoch - pace.stepInEpoch);
}

/** How many times as long steps take with the live validations, which their own time is without. */
export function liveFactor(config: RunConfig): number {
  const { validateEvery, batchSize, gradientAccumulation } = config;
  if (validateEvery === 0) return 1;
  const trained = validateEvery * batchSize * gradientAccumulation;
  return 1 + (FORWARD_SHARE * LIVE_IMAGES) / trained;
}

/** Time left for all that comes between epochs: validations and measurements. */
function betweenLeftMs(run: Run): number | null {
  const [validationMs, measuringMs] = [validationLeftMs(run), measuringLeftMs(run)];
  return validationMs === null || measuringMs === null ? null : validationMs + measuringMs;
}

/** Time left for the current measurement and all later ones; null before one was measured. */
function measuringLeftMs({ epochs, config, measurement, measurementMs }: Run): number | null {
  const numLeft = numMeasuredAfter(epochs.at(-1)?.epoch ?? 0, config);
  if (numLeft === 0) return 0;
  if (measurementMs === null) return null;
  return Math.max(0, measurementMs * numLeft - (measurement?.elapsedMs ?? 0));
}

/** The shortest of the last validations counts: during the others there may have been a pause. */
const NUM_TIMED_VALIDATIONS = 3;

/** Time left for the current validation and all later ones; null before that is known. */
function validationLeftMs({ epochs, steps, config, validation }: Run): number | null {
  const fraction =
    validation && validation.totalImages > 0 ? validation.numImages / validation.totalImages : 0;
  const durations = epochs.slice(-NUM_TIMED_VALIDATIONS).flatMap((epoch) => {
    const last = steps.findLast(({ step }) => step === epoch.step);
    return last ? [Math.max(0, epoch.wallTimeMs - last.wallTimeMs)] : [];
  });
  // The first validation is timed while it goes on.
  if (durations.length === 0 && validation && fraction > 0) {
    durations.push(validation.elapsedMs / fraction);
  }
  if (durations.length === 0) return null;
  const numDone = (epochs.at(-1)?.epoch ?? 0) + fraction;
  return Math.min(...durations) * Math.max(0, config.epochs - numDone);
}
