import type { CheckpointRecord, EvolutionFrame, HistoryRecord, RunRecord } from "./records.ts";

/** A run with all that belongs to it, as a file brings it. */
export interface WholeRun {
  record: RunRecord;
  /** Those that the record points to. */
  checkpoints: readonly Omit<CheckpointRecord, "runId">[];
  history: Pick<HistoryRecord, "steps" | "epochs">;
  frames: readonly EvolutionFrame[];
}
