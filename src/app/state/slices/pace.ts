import { numMeasuredAfter } from "../../../engine/config/epochSamples.ts";
import { imagesPerSecond } from "../../../engine/train/metrics.ts";
import { numSteps, type Run } from "./run.ts";

/** How far a run is, and how fast. */
export interface Pace {
  /** Optimizer steps done. */
  step: number;
  totalSteps: number;
  /** 1-based, the one that goes on or, at the end, the last. */
  epoch: number;
  numEpochs: number;
  stepInEpoch: number;
  stepsPerEpoch: number;
  /** Null before the first step. */
  stepsPerSecond: number | null;
  imagesPerSecond: number | null;
  /** Null before the first step, and while nothing is known of the only thing that is left. */
  leftMs: number | null;
  /**
   * What `leftMs` is of: how long validations take is not known before one has begun, and measurements
   * before one is done.
   */
  leftOf: "all" | "training";
}

/** Speed is averaged over so many steps, long enough to stand still and short enough to be true. */
const NUM_SPEED_STEPS = 30;

/** Null until the worker has said how long the run is. */
export function paceOf(run: Run): Pace | null {
  const { size, config, steps } = run;
  if (!size) return null;
  const { stepsPerEpoch, totalSteps } = size;
  const step = numSteps(run);
  const numDone = Math.max(0, Math.ceil(step / stepsPerEpoch) - 1);
  // The first step compiles kernels; it says nothing about the others.
  const recent = steps.slice(Math.max(1, steps.length - NUM_SPEED_STEPS));
  const timed = recent.length > 0 ? recent : steps;
  const stepMs = timed.reduce((sum, s) => sum + s.stepMs, 0) / timed.length;
  const isTimed = timed.length > 0 && stepMs > 0;
  const trainingMs = stepMs * (totalSteps - step);
  const betweenMs = betweenLeftMs(run);
  const isKnown = isTimed && (betweenMs !== null || (step < totalSteps && !isBetween(run)));
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
  };
}

/** How long a run still trains before its first validation; null where that is over, or not known. */
export function firstValidationMs(run: Run): number | null {
  const pace = run.status === "training" && run.epochs.length === 0 ? paceOf(run) : null;
  if (!pace?.stepsPerSecond) return null;
  return (1000 * (pace.stepsPerEpoch - pace.stepInEpoch)) / pace.stepsPerSecond;
}

/** Of all that comes between epochs. */
function betweenLeftMs(run: Run): number | null {
  const [validationMs, measuringMs] = [validationLeftMs(run), measuringLeftMs(run)];
  return validationMs === null || measuringMs === null ? null : validationMs + measuringMs;
}

/** All measurements that are still to come, and the rest of the one that goes on. */
function measuringLeftMs({ epochs, config, measurement, measurementMs }: Run): number | null {
  const numLeft = numMeasuredAfter(epochs.at(-1)?.epoch ?? 0, config);
  if (numLeft === 0) return 0;
  if (measurementMs === null) return null;
  return Math.max(0, measurementMs * numLeft - (measurement?.elapsedMs ?? 0));
}

/** Of the newest epochs, the shortest counts: in the others there was perhaps a pause. */
const NUM_TIMED_VALIDATIONS = 3;

/** All validations that are still to come, and the rest of the one that goes on; null before that is known. */
function validationLeftMs(run: Run): number | null {
  const { epochs, config, validation } = run;
  const durationMs = validationMs(run);
  if (durationMs === null) return null;
  const numDone = (epochs.at(-1)?.epoch ?? 0) + (validation ? fractionOf(validation) : 0);
  return durationMs * Math.max(0, config.epochs - numDone);
}

/** Of one; the first tells of itself while it goes on. */
function validationMs({ epochs, steps, validation }: Run): number | null {
  const durations = epochs.slice(-NUM_TIMED_VALIDATIONS).flatMap((epoch) => {
    const last = steps.findLast(({ step }) => step === epoch.step);
    return last ? [Math.max(0, epoch.wallTimeMs - last.wallTimeMs)] : [];
  });
  if (durations.length > 0) return Math.min(...durations);
  const fraction = validation ? fractionOf(validation) : 0;
  return validation && fraction > 0 ? validation.elapsedMs / fraction : null;
}

function isBetween({ status }: Run): boolean {
  return status === "validating" || status === "measuring";
}

function fractionOf({ numImages, totalImages }: NonNullable<Run["validation"]>): number {
  return totalImages > 0 ? numImages / totalImages : 0;
}
