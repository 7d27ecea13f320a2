import type { RunConfig } from "../config/hyperparameters.ts";
import type { Replica } from "../train/replica.ts";
import { blackSession } from "./blackSession.ts";
import { median } from "./rounds.ts";

/** After one that is not counted. */
const MIN_STEPS = 3;
/** Short steps are many until then. */
const ENOUGH_MS = 1500;
const MAX_STEPS = 32;
/** With the one that is not counted; then one must do. */
const BUDGET_MS = 8000;

/**
 * Times training steps of so many images, each one pass a thread, as the training session itself does: on a
 * device that is well ahead a step takes what it adds. Before each it yields how far it is, 0 to 1;
 * whoever does not ask for the next has cancelled.
 *
 * @returns milliseconds of such a step, the median
 */
export async function* timePasses(options: {
  config: RunConfig;
  /** Of a step that is timed, of which each thread takes its part in one pass; at least 1. */
  numImages: number;
  /** Threads that train along. */
  replicas: readonly Replica[];
  /** See `TrainingSessionOptions`. */
  stepsAhead: number;
  /** Has the programs compiled that the session's rehearsal runs. */
  compile: (rehearse: () => void) => Promise<void>;
}): AsyncGenerator<number, number> {
  const { config, numImages, replicas, stepsAhead, compile } = options;
  const session = blackSession({
    // With a rate of 0 the weights stay, whatever black images do to them.
    config: { ...config, batchSize: numImages, gradientAccumulation: 1, learningRate: 0 },
    numSteps: MAX_STEPS + 1,
    microBatchSize: numImages,
    stepsAhead,
    replicas,
  });
  try {
    yield 0;
    await compile(() => session.rehearse());
    const reports = session.run();
    const startMs = performance.now();
    await reports.next();
    const stepMs: number[] = [];
    for (;;) {
      const elapsedMs = performance.now() - startMs;
      const [isEnough, isLong] = [elapsedMs >= ENOUGH_MS, elapsedMs >= BUDGET_MS];
      if (stepMs.length >= (isLong ? 1 : isEnough ? MIN_STEPS : MAX_STEPS)) break;
      yield fractionOf(stepMs.length, elapsedMs);
      const { value } = await reports.next();
      if (value?.type !== "step") throw new Error("There are no images for another step.");
      stepMs.push(value.step.stepMs);
    }
    return median(stepMs) as number;
  } finally {
    session.dispose();
  }
}

/** Of the way to whichever end comes first. */
function fractionOf(numSteps: number, elapsedMs: number): number {
  const toEnough = Math.min(numSteps / MIN_STEPS, elapsedMs / ENOUGH_MS);
  return Math.min(1, Math.max(numSteps / MAX_STEPS, toEnough, elapsedMs / BUDGET_MS));
}
