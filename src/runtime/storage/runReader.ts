import type { IDBPObjectStore } from "idb";
import { bestCheckpoint, isWhole } from "./checkpoints.ts";
import {
  completed,
  type Database,
  keysOf,
  keysUpTo,
  StorageError,
  type TABLES,
  type Tables,
} from "./database.ts";
import { isReadable, readRecord, readSnapshot, type UnreadableRun } from "./readRecord.ts";
import type {
  CheckpointPointer,
  History,
  RunRecord,
  Snapshot,
  StoredCheckpoint,
} from "./records.ts";
import { historyUpTo } from "./storedHistory.ts";

/** Reads a checkpoint from the backup; null where it has none. */
export type ReadBackup = (runId: string, step: number) => Promise<Uint8Array<ArrayBuffer> | null>;

/** Reads runs with their checkpoints, metric histories and snapshots from IndexedDB. */
export class RunReader {
  protected readonly db: Database;
  readonly #readBackup: ReadBackup;

  /** @param readBackup called for a checkpoint that is missing or damaged in the database */
  protected constructor(database: Database, readBackup: ReadBackup) {
    this.db = database;
    this.#readBackup = readBackup;
  }

  close(): void {
    this.db.close();
  }

  /** All runs, the newest first; those that cannot be read say why, last. */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    const stored = await this.#read("runs", (runs) => runs.getAll());
    const runs = stored.map((record) => readRecord(record));
    const checkpoints = await this.#read("checkpoints", (table) => table.getAllKeys());
    const isThere = new Set(checkpoints.map(([runId, step]) => `${runId} ${step}`));
    for (const run of runs) {
      if (!isReadable(run)) continue;
      // Where the disk is full, checkpoints are deleted before their pointers.
      const gone = run.checkpoints.filter(({ step }) => !isThere.has(`${run.runId} ${step}`));
      run.totalBytes -= gone.reduce((sum, { numBytes }) => sum + numBytes, 0);
    }
    const savedMs = (run: RunRecord | UnreadableRun) => (isReadable(run) ? run.savedMs : 0);
    return runs.sort((a, b) => savedMs(b) - savedMs(a));
  }

  /** Null where it is not stored. */
  async find(runId: string): Promise<RunRecord | UnreadableRun | null> {
    const stored = await this.#read("runs", (runs) => runs.get(runId));
    return stored === undefined ? null : readRecord(stored);
  }

  /** @throws StorageError when it is not stored or cannot be read */
  async read(runId: string): Promise<RunRecord> {
    const run = await this.find(runId);
    if (!run) {
      throw new StorageError(
        "The run is no longer stored: it was deleted, here or in another tab.",
      );
    }
    if (!isReadable(run)) throw new StorageError(`“${run.name}” cannot be opened. ${run.problem}`);
    return run;
  }

  /**
   * The newest undamaged checkpoint, and how many newer ones are damaged.
   *
   * @param decode throws where the bytes are no checkpoint of the run
   * @throws StorageError when all are damaged
   */
  async newestCheckpoint<T>(run: RunRecord, decode: (bytes: Uint8Array) => T) {
    let numDamaged = 0;
    for (const pointer of run.checkpoints.toReversed()) {
      const found = await this.#decoded(run.runId, pointer, decode);
      if (found) return { ...found, numDamaged };
      numDamaged++;
    }
    throw new StorageError(
      `None of the ${numDamaged} checkpoints of “${run.name}” can be read: they are damaged. Delete the run, or import it from a file.`,
    );
  }

  /** That after the epoch with the lowest validation loss; null when there is none, or it is damaged. */
  async bestCheckpoint<T>({ runId, checkpoints }: RunRecord, decode: (bytes: Uint8Array) => T) {
    const pointer = bestCheckpoint(checkpoints);
    return pointer && this.#decoded(runId, pointer, decode);
  }

  /** All undamaged checkpoints of a run. */
  async checkpoints({ runId, checkpoints }: RunRecord): Promise<StoredCheckpoint[]> {
    const found: StoredCheckpoint[] = [];
    for (const pointer of checkpoints) {
      const bytes = await this.#checkpoint(runId, pointer);
      if (bytes) found.push({ step: pointer.step, bytes });
    }
    return found;
  }

  /** Whether the database alone has the run up to its newest checkpoint. */
  async isWhole(runId: string): Promise<boolean> {
    const run = await this.find(runId);
    const newest = run && isReadable(run) ? run.checkpoints.at(-1) : undefined;
    return newest !== undefined && (await this.#ownCheckpoint(runId, newest)) !== null;
  }

  async #decoded<T>(runId: string, pointer: CheckpointPointer, decode: (bytes: Uint8Array) => T) {
    const bytes = await this.#checkpoint(runId, pointer);
    if (!bytes) return null;
    try {
      return { pointer, bytes, value: decode(bytes) };
    } catch {
      return null;
    }
  }

  async #checkpoint(runId: string, pointer: CheckpointPointer) {
    const own = await this.#ownCheckpoint(runId, pointer);
    if (own) return own;
    const copied = await this.#readBackup(runId, pointer.step);
    return isWhole(copied, pointer) ? copied : null;
  }

  async #ownCheckpoint(runId: string, pointer: CheckpointPointer) {
    const stored = await this.#read("checkpoints", (table) => table.get([runId, pointer.step]));
    return isWhole(stored?.bytes, pointer) ? stored.bytes : null;
  }

  /** Up to a checkpoint. */
  async history(
    runId: string,
    { step, numEpochs }: Pick<CheckpointPointer, "step" | "numEpochs">,
  ): Promise<History> {
    const records = await this.#read("history", (table) => table.getAll(keysOf(runId)));
    return historyUpTo(records, { step, numEpochs });
  }

  /** The snapshots up to a step, ascending. */
  async snapshots(runId: string, step: number): Promise<Snapshot[]> {
    const range = keysUpTo(runId, step);
    return (await this.#read("frames", (frames) => frames.getAll(range))).map(readSnapshot);
  }

  /** Steps of the snapshots up to a step, ascending. */
  async snapshotSteps(runId: string, step: number): Promise<number[]> {
    const keys = await this.#read("frames", (frames) => frames.getAllKeys(keysUpTo(runId, step)));
    return keys.map(([, at]) => at);
  }

  /**
   * The database's own `get` and its like leave a rejection that nobody handles where they are aborted,
   * as when site data are cleared.
   */
  async #read<Table extends (typeof TABLES)[number], T>(
    table: Table,
    work: (store: IDBPObjectStore<Tables, [Table], Table, "readonly">) => Promise<T>,
  ): Promise<T> {
    const transaction = this.db.transaction(table);
    const read = async () => work(transaction.store);
    return completed(transaction, read());
  }
}
