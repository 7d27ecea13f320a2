import type { IDBPTransaction } from "idb";
import { messageOf } from "../../engine/messageOf.ts";
import {
  completed,
  type Database,
  isFull,
  keysOf,
  NoRoomError,
  StorageError,
  TABLES,
  type Tables,
} from "./database.ts";
import { inPieces } from "./historyPieces.ts";
import type { CheckpointRecord, HistoryRecord, RunRecord, Snapshot } from "./records.ts";

/** A run with all that belongs to it, as a file brings it. */
export interface WholeRun {
  record: RunRecord;
  /** Those that the record points to. */
  checkpoints: readonly Omit<CheckpointRecord, "runId">[];
  history: Pick<HistoryRecord, "steps" | "epochs">;
  snapshots: readonly Snapshot[];
}

/**
 * Writes a run whole: `add` where there is none, `put` in place of what there is of it.
 *
 * @throws NoRoomError when there is no room for it, StorageError when it fails otherwise
 */
export async function writeRun(
  database: Database,
  { record, checkpoints, history, snapshots }: WholeRun,
  how: "add" | "put",
  onFraction?: (fraction: number) => void,
): Promise<void> {
  const { runId, step } = record;
  const transaction = database.transaction(TABLES, "readwrite", { durability: "strict" });
  const write = async () => {
    if (how === "put") await deleteRun(transaction, runId);
    await transaction.objectStore("runs").add(record);
    for (const piece of inPieces(history, step)) {
      await transaction.objectStore("history").put({ runId, ...piece });
    }
    const numParts = checkpoints.length + snapshots.length;
    let numWritten = 0;
    for (const checkpoint of checkpoints) {
      await transaction.objectStore("checkpoints").put({ runId, ...checkpoint });
      onFraction?.(++numWritten / numParts);
    }
    for (const snapshot of snapshots) {
      await transaction.objectStore("frames").put({ runId, ...snapshot });
      onFraction?.(++numWritten / numParts);
    }
  };
  try {
    await completed(transaction, write());
  } catch (error) {
    if (isFull(error)) throw new NoRoomError({ cause: error });
    throw new StorageError(`The run could not be stored (${messageOf(error)}).`, {
      cause: error,
    });
  }
}

/** Deletes all that is stored of a run. */
export async function deleteRun(
  transaction: IDBPTransaction<Tables, typeof TABLES, "readwrite">,
  runId: string,
): Promise<void> {
  await transaction.objectStore("runs").delete(runId);
  await transaction.objectStore("checkpoints").delete(keysOf(runId));
  await transaction.objectStore("history").delete(keysOf(runId));
  await transaction.objectStore("frames").delete(keysOf(runId));
}
