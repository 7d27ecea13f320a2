import type { Run } from "./run.ts";

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
  /** Training steps only: validation and previews come on top. Null before the first step. */
  leftMs: number | null;
  /** Of the newest step. */
  loss: number | null;
}

/** Speed is averaged over so many steps, long enough to stand still and short enough to be true. */
const NUM_SPEED_STEPS = 30;

/** Null until the worker has said how long the run is. */
export function paceOf(run: Run): Pace | null {
  const { size, config, steps } = run;
  if (!size) return null;
  const { stepsPerEpoch, totalSteps } = size;
  const newest = steps.at(-1);
  const step = newest?.step ?? 0;
  const numDone = Math.max(0, Math.ceil(step / stepsPerEpoch) - 1);
  // The first step compiles kernels; it says nothing about the others.
  const recent = steps.slice(Math.max(1, steps.length - NUM_SPEED_STEPS));
  const timed = recent.length > 0 ? recent : steps;
  const stepMs = timed.reduce((sum, s) => sum + s.stepMs, 0) / timed.length;
  const isTimed = timed.length > 0 && stepMs > 0;
  return {
    step,
    totalSteps,
    epoch: numDone + 1,
    numEpochs: config.epochs,
    stepInEpoch: step - numDone * stepsPerEpoch,
    stepsPerEpoch,
    stepsPerSecond: isTimed ? 1000 / stepMs : null,
    imagesPerSecond: isTimed ? (1000 / stepMs) * config.batchSize : null,
    leftMs: isTimed ? stepMs * (totalSteps - step) : null,
    loss: newest?.loss ?? null,
  };
}
