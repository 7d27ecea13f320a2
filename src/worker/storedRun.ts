import type { HistoryRecord, RunRecord } from "../storage/records.ts";
import type { RunStore } from "../storage/runStore.ts";
import type { Checkpoint } from "../train/checkpoint.ts";
import { decodeCheckpoint } from "../train/checkpointFile.ts";
import type { OpenedRun } from "./protocol.ts";

/** A stored run, read from its newest checkpoint that is whole. */
export interface StoredContents {
  record: RunRecord;
  checkpoint: Checkpoint;
  /** After the epoch with the lowest validation loss. */
  best: Checkpoint | null;
  history: Pick<HistoryRecord, "steps" | "epochs">;
  /** Newer checkpoints that are damaged. */
  numDamaged: number;
}

/** @throws StorageError or FormatError, in words for the person */
export async function readStoredRun(store: RunStore, runId: string): Promise<StoredContents> {
  const record = await store.read(runId);
  const { pointer, bytes, numDamaged } = await store.newestCheckpoint(record);
  const bestFound = await store.bestCheckpoint(record);
  const { config } = record;
  return {
    record,
    checkpoint: decodeCheckpoint(config, bytes),
    best: bestFound && decodeCheckpoint(config, bestFound.bytes),
    history: await store.history(runId, pointer),
    numDamaged,
  };
}

/** For the page. */
export function openedRun({ record, checkpoint, history, numDamaged }: StoredContents): OpenedRun {
  const { runId, name, config, stepsPerEpoch, numParameters, dataset, startedFrom } = record;
  const lost = record.step - checkpoint.step;
  return {
    ...{ runId, name, config, stepsPerEpoch, numParameters, ...history },
    datasetName: dataset.name,
    startedFrom: startedFrom?.fileName ?? null,
    warning:
      numDamaged === 0
        ? null
        : `The newest checkpoint of “${name}” is damaged; the one before, ${lost} steps earlier, was opened.`,
  };
}
