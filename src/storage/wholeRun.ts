import type { CheckpointRecord, HistoryRecord, RunRecord, Snapshot } from "./records.ts";

/** A run with all that belongs to it, as a file brings it. */
export interface WholeRun {
  record: RunRecord;
  /** Those that the record points to. */
  checkpoints: readonly Omit<CheckpointRecord, "runId">[];
  history: Pick<HistoryRecord, "steps" | "epochs">;
  snapshots: readonly Snapshot[];
}
