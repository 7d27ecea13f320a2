import type { RunConfig } from "../config/hyperparameters.ts";
import { blackSession } from "./blackSession.ts";
import type { Replica } from "./replica.ts";

/** Not counting the first, which may compile. */
const MIN_STEPS = 3;
/** Once so much time has passed, `MIN_STEPS` are enough. */
const ENOUGH_MS = 1500;
const MAX_STEPS = 32;
/** Once so much time has passed, including the first step, a single step is enough. */
const BUDGET_MS = 8000;

/**
 * Times training steps of `numImages`, each a single pass on every thread, in the same way as a training
 * session: with steps in flight, the time of each counts from the end of the one before. It yields the
 * progress, 0 to 1, before each step and before it compiles; the caller cancels by not asking for the next. Those of a distillation are
 * timed without what their teacher does.
 *
 * @returns the median time of a step in milliseconds
 */
export async function* timePasses(options: {
  config: RunConfig;
  /** Images of a step, at least 1; every thread computes its share of them in one pass. */
  numImages: number;
  replicas: readonly Replica[];
  stepsAhead: number;
  /** Compiles the kernels that `rehearse` runs. */
  compile: (rehearse: () => void) => Promise<void>;
}): AsyncGenerator<number, number> {
  const { config, numImages, replicas, stepsAhead, compile } = options;
  const { session, step } = blackSession({
    // With a learning rate of 0 the black images leave the weights as they are. A teacher there is none.
    config: {
      ...config,
      distilFrom: 0,
      batchSize: numImages,
      gradientAccumulation: 1,
      learningRate: 0,
    },
    numSteps: MAX_STEPS + 1,
    microBatchSize: numImages,
    stepsAhead,
    replicas,
  });
  try {
    yield 0;
    await compile(() => session.rehearse());
    // Whoever waits for something else need not wait for the first step as well.
    yield 0;
    const startMs = performance.now();
    await step();
    const stepMs: number[] = [];
    for (;;) {
      const elapsedMs = performance.now() - startMs;
      const [isEnough, isLong] = [elapsedMs >= ENOUGH_MS, elapsedMs >= BUDGET_MS];
      if (stepMs.length >= (isLong ? 1 : isEnough ? MIN_STEPS : MAX_STEPS)) break;
      yield fractionOf(stepMs.length, elapsedMs);
      stepMs.push((await step()).stepMs);
    }
    return median(stepMs) as number;
  } finally {
    session.dispose();
  }
}

/** The middle value, or the mean of the two in the middle; null without values. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  if (sorted.length === 0) return null;
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** The fraction done, by whichever limit will be reached first. */
function fractionOf(numSteps: number, elapsedMs: number): number {
  const toEnough = Math.min(numSteps / MIN_STEPS, elapsedMs / ENOUGH_MS);
  return Math.min(1, Math.max(numSteps / MAX_STEPS, toEnough, elapsedMs / BUDGET_MS));
}
