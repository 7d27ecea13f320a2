import { RECORD_FORMAT, type RunRecord } from "../../../../src/runtime/storage/records.ts";
import { runAt } from "../../runtime/storage/storedRun.ts";

/** A run's record as the list shows it: 10 steps an epoch. */
export function recordAt(step: number, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    ...runAt(step),
    format: RECORD_FORMAT,
    savedMs: 2,
    checkpoints: [],
    totalBytes: 1_550_000,
    bestValidationLoss: null,
    ...changes,
  };
}
