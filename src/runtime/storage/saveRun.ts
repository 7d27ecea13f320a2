import type { IDBPObjectStore, IDBPTransaction, StoreNames } from "idb";
import { NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { bestCheckpoint, checksumOf, keptCheckpoints } from "./checkpoints.ts";
import {
  completed,
  type Database,
  isFull,
  keysAbove,
  keysOf,
  NoRoomError,
  StorageError,
  TABLES,
  type Tables,
} from "./database.ts";
import { isReadable, readRecord, readSnapshot } from "./readRecord.ts";
import {
  type CheckpointPointer,
  type History,
  RECORD_FORMAT,
  type RunRecord,
  type Snapshot,
  type StoredCheckpoint,
  type WholeRun,
} from "./records.ts";
import { inPieces, joined } from "./storedHistory.ts";

/** What a save writes: all of it or nothing. */
export interface Save {
  /** The run at its checkpoint, without what the store computes. */
  run: Omit<RunRecord, "format" | "checkpoints" | "totalBytes" | "bestValidationLoss" | "savedMs">;
  checkpoint: Uint8Array<ArrayBuffer>;
  /** Of the epoch that the checkpoint ends; null within an epoch. */
  validationLoss: number | null;
  /** The checkpoint of the best epoch, where it could not be stored when it was the newest; else null. */
  best: BestCheckpoint | null;
  /** Step of the checkpoint that the run went on from: what is stored beyond it is deleted. */
  afterStep: number;
  /** Since `afterStep`. */
  history: History;
  /** Up to `afterStep`: written where the store has lost the run or fallen behind. */
  earlier: History;
  snapshots: readonly Snapshot[];
  /** `savedMs` of the record that the run was saved to last; null when it was never stored. */
  previousMs: number | null;
  /**
   * Whether only this tab may train the run. Else one that is not stored as it was is left alone: it was
   * deleted, or another tab has trained it on.
   */
  isOwn: boolean;
}

/** After the epoch with the lowest validation loss. */
export type BestCheckpoint = StoredCheckpoint &
  Pick<CheckpointPointer, "numEpochs" | "validationLoss">;

/** What a save has written: the record, and what came after `afterStep`. */
export interface SavedRun extends WholeRun {
  afterStep: number;
  /** `savedMs` of the record that this one follows; null when it was not stored, or could not be read. */
  previousMs: number | null;
}

/** Of a step in the history, as Chromium stores it. */
const STEP_BYTES = 110;

/**
 * Writes a checkpoint, what came since the last one, and the pointers to them, in one transaction:
 * whenever the browser is killed, no pointer leads to anything half written.
 *
 * @returns null where the run is no longer this tab's to save (see `Save.isOwn`)
 */
export async function saveRun(database: Database, save: Save): Promise<SavedRun | null> {
  const { run, checkpoint, validationLoss, best, snapshots } = save;
  const { runId, step, numEpochs } = run;
  const added = [...(best ? [best] : []), { step, numEpochs, validationLoss, bytes: checkpoint }];
  const checksums = added.map(({ bytes }) => checksumOf(bytes));

  // Complete only when it is on the disk.
  const transaction = database.transaction(TABLES, "readwrite", { durability: "strict" });
  const runs = transaction.objectStore("runs");
  const checkpoints = transaction.objectStore("checkpoints");
  const histories = transaction.objectStore("history");
  const frames = transaction.objectStore("frames");
  const write = async () => {
    const stored = await runs.get(runId);
    const found = stored === undefined ? null : readRecord(stored);
    const before = found && isReadable(found) ? found : null;
    const previousMs = before?.savedMs ?? null;
    // Unique among the saves of a run by all tabs, also where the clock is set back.
    const savedMs = Math.max(Date.now(), (save.previousMs ?? 0) + 1, (previousMs ?? 0) + 1);
    const pointers = added.map(({ bytes, ...of }, i) => {
      return { ...of, savedMs, numBytes: bytes.length, checksum: checksums[i] as number };
    });
    const isSame = previousMs === save.previousMs;
    if (!isSame && !save.isOwn) return null;
    const afterStep = isSame ? save.afterStep : 0;
    const history = isSame ? save.history : joined(save.earlier, save.history);
    const storedPointers = isSame && before ? before.checkpoints : [];
    // The run may have gone on from an earlier step, and a piece of the history may reach beyond it.
    const across = await histories.getAll(keysAbove(runId, afterStep));
    await histories.delete(keysAbove(runId, afterStep));
    await frames.delete(keysAbove(runId, afterStep));
    const earlier = storedPointers.filter((p) => p.step <= afterStep && p.step < step);
    // The best may be there already.
    const byStep = new Map([...earlier, ...pointers].map((pointer) => [pointer.step, pointer]));
    const kept = keptCheckpoints([...byStep.values()].sort((a, b) => a.step - b.step));
    await deleteOtherCheckpoints(checkpoints, runId, kept);

    for (const { step, bytes } of added) await checkpoints.put({ runId, step, bytes });
    const sameStep = await histories.get([runId, step]);
    const isBefore = (at: { step: number }) => at.step <= afterStep;
    const older = joined(...(sameStep ? [sameStep] : []), ...across);
    const piece = joined(
      { steps: older.steps.filter(isBefore), epochs: older.epochs.filter(isBefore) },
      history,
    );
    for (const part of inPieces(piece, step)) await histories.put({ runId, ...part });
    for (const snapshot of snapshots) await frames.put({ runId, ...snapshot });
    const newest = await frames.openCursor(keysOf(runId), "prev");
    // One is as large as the other, but for those of the first versions.
    const ofSnapshots =
      newest && (await frames.count(keysOf(runId))) * snapshotBytes(readSnapshot(newest.value));
    const record: RunRecord = {
      ...run,
      // It may have been changed since the run began.
      name: before?.name ?? run.name,
      format: RECORD_FORMAT,
      checkpoints: kept,
      savedMs,
      bestValidationLoss: bestCheckpoint(kept)?.validationLoss ?? null,
      totalBytes: storedBytes({ checkpoints: kept, step }, ofSnapshots ?? 0),
    };
    await runs.put(record);
    return { record, checkpoints: added, history: piece, snapshots, afterStep, previousMs };
  };
  return completed(transaction, write());
}

type CheckpointTable = Pick<
  IDBPObjectStore<Tables, ArrayLike<StoreNames<Tables>>, "checkpoints", "readwrite">,
  "getAllKeys" | "delete"
>;

/** @returns how many were deleted */
export async function deleteOtherCheckpoints(
  checkpoints: CheckpointTable,
  runId: string,
  kept: readonly CheckpointPointer[],
): Promise<number> {
  const steps = new Set(kept.map(({ step }) => step));
  const others = (await checkpoints.getAllKeys(keysOf(runId))).filter(
    ([, step]) => !steps.has(step),
  );
  for (const key of others) await checkpoints.delete(key);
  return others.length;
}

/** Approximate bytes of a run on the disk, with `ofSnapshots` for its snapshots. */
export function storedBytes(
  { checkpoints, step }: Pick<RunRecord, "checkpoints" | "step">,
  ofSnapshots: number,
): number {
  const ofCheckpoints = checkpoints.reduce((sum, { numBytes }) => sum + numBytes, 0);
  return ofCheckpoints + step * STEP_BYTES + ofSnapshots;
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
    throw new StorageError(`The run could not be stored (${messageOf(error)}).`, { cause: error });
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

export function snapshotBytes({ count, numFrames }: Pick<Snapshot, "count" | "numFrames">): number {
  return numFrames * count * NUM_PIXELS;
}
