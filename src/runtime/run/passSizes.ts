/** How many images go through the network in one pass. */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { snapshotCount } from "../../engine/config/snapshotSteps.ts";
import { MEMORY_BUDGET_BYTES, microBatchSize } from "../../engine/train/memory.ts";
import type { BackendReport } from "./events.ts";

/** Validation images a forward pass, where memory allows; divides the 10,000 of MNIST. */
export const VALIDATION_CHUNK = 100;
/** Samples to measure in a forward pass, where memory allows. */
const EVALUATION_CHUNK = 100;

/** @param of.maxMicroBatch null for what memory is thought to allow */
export function passSizes(
  config: RunConfig,
  of: { backend: BackendReport["backend"]; numThreads: number; maxMicroBatch: number | null },
) {
  const { backend, numThreads, maxMicroBatch } = of;
  const budgetBytes = MEMORY_BUDGET_BYTES[backend] / numThreads;
  const limited = (count: number) =>
    Math.min(microBatchSize(config, count, backend, { budgetBytes }), maxMicroBatch ?? count);
  return {
    batch: limited(Math.ceil(config.batchSize / numThreads)),
    validation: limited(VALIDATION_CHUNK),
    evaluation: limited(EVALUATION_CHUNK),
    snapshot: limited(snapshotCount(config)),
  };
}
