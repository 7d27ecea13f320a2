import { type Chart, chartsOf } from "../../../../../src/app/shared/charts/series/charts.ts";
import { newRun, type Run } from "../../../../../src/app/state/slices/run.ts";
import { defaultConfig, type RunConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { type DatasetId, identityOf } from "../../../../../src/engine/data/datasets.ts";
import { metricsOf } from "../../../../../src/engine/train/metrics.ts";
import type { EpochMetrics } from "../../../../../src/runtime/run/events.ts";

const STEPS_PER_EPOCH = 10;
/** When the first step begins. */
export const START_MS = 1_700_000_000_000;
const STEP_MS = 20;

/** With the assignment's settings, before its first step. */
export function emptyRun(changes: Partial<RunConfig> = {}, id: DatasetId = "mnist"): Run {
  const config = { ...defaultConfig(), ...changes };
  return newRun({ runId: "run-1", name: "Run", dataset: identityOf(id), config });
}

/** The same after a step for each loss, 20 ms each; epochs of 10 steps. */
export function runOfLosses(losses: readonly number[], changes: Partial<Run> = {}): Run {
  const steps = losses.map((loss, i) => {
    const wallTimeMs = START_MS + STEP_MS * (i + 1);
    return { step: i + 1, loss, gradNorm: 1, learningRate: 1e-3, stepMs: STEP_MS, wallTimeMs };
  });
  const size = {
    numParameters: 1,
    stepsPerEpoch: STEPS_PER_EPOCH,
    totalSteps: 1e6,
    microBatchSize: 8,
    numThreads: 1,
    startedFrom: null,
  };
  return { ...emptyRun(), size, steps, ...changes };
}

export function epochOf(epoch: number, changes: Partial<EpochMetrics> = {}): EpochMetrics {
  const step = epoch * STEPS_PER_EPOCH;
  return {
    epoch,
    step,
    trainLoss: 0.5,
    validationLoss: 0.4,
    bucketLosses: [],
    wallTimeMs: START_MS + STEP_MS * step + 5,
    ...changes,
  };
}

/** Of the table. */
export function chartNamed(key: string): Chart {
  const chart = chartsOf(metricsOf()).find((each) => each.key === key);
  if (!chart) throw new Error(`There is no chart ${key}.`);
  return chart;
}
