import { messageOf } from "../messageOf.ts";
import { checksumOf } from "./checksum.ts";
import {
  completed,
  type Database,
  keysOf,
  keysUpTo,
  openDatabase,
  StorageError,
  TABLES,
} from "./database.ts";
import { historyUpTo } from "./historyPieces.ts";
import { bestCheckpoint } from "./keptCheckpoints.ts";
import { isReadable, readRecord, type UnreadableRun } from "./readRecord.ts";
import { readSnapshot } from "./readSnapshot.ts";
import type {
  CheckpointPointer,
  CheckpointRecord,
  HistoryRecord,
  RunRecord,
  Snapshot,
} from "./records.ts";
import {
  addSnapshot,
  forgetNewest,
  pruneRun,
  type Save,
  type SavedRun,
  saveRun,
} from "./saveRun.ts";
import type { WholeRun } from "./wholeRun.ts";

/** A checkpoint that is whole, and how many newer ones are not. */
export interface FoundCheckpoint<T> {
  pointer: CheckpointPointer;
  bytes: Uint8Array<ArrayBuffer>;
  value: T;
  numDamaged: number;
}

/** Runs with their checkpoints, metric histories and snapshots, in IndexedDB. */
export class RunStore {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /**
   * @param onClosed called with the reason when the database is closed from outside
   * @throws StorageError
   */
  static async open(onClosed: (reason: string) => void): Promise<RunStore> {
    return new RunStore(await openDatabase(onClosed));
  }

  runIds(): Promise<string[]> {
    return this.#database.getAllKeys("runs");
  }

  /** All runs, the newest first; those that cannot be read say why, last. */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    const runs = (await this.#database.getAll("runs")).map(readRecord);
    const savedMs = (run: RunRecord | UnreadableRun) => (isReadable(run) ? run.savedMs : 0);
    return runs.sort((a, b) => savedMs(b) - savedMs(a));
  }

  /** @throws StorageError when it is not there or cannot be read */
  async read(runId: string): Promise<RunRecord> {
    const stored = await this.#database.get("runs", runId);
    if (stored === undefined) {
      throw new StorageError(
        "The run is no longer stored: it was deleted, here or in another tab.",
      );
    }
    const run = readRecord(stored);
    if (!isReadable(run)) throw new StorageError(`“${run.name}” cannot be opened. ${run.problem}`);
    return run;
  }

  /**
   * The newest checkpoint that is whole: its bytes are those that were written, and can be decoded.
   *
   * @param decode throws where they cannot
   * @throws StorageError when there is none
   */
  async newestCheckpoint<T>(
    run: RunRecord,
    decode: (bytes: Uint8Array) => T,
  ): Promise<FoundCheckpoint<T>> {
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
  async bestCheckpoint<T>(
    { runId, checkpoints }: RunRecord,
    decode: (bytes: Uint8Array) => T,
  ): Promise<Omit<FoundCheckpoint<T>, "numDamaged"> | null> {
    const pointer = bestCheckpoint(checkpoints);
    return pointer && this.#decoded(runId, pointer, decode);
  }

  /** All checkpoints of a run that are whole. */
  async checkpoints({ runId, checkpoints }: RunRecord): Promise<Omit<CheckpointRecord, "runId">[]> {
    const found: Omit<CheckpointRecord, "runId">[] = [];
    for (const pointer of checkpoints) {
      const bytes = await this.#checkpoint(runId, pointer);
      if (bytes) found.push({ step: pointer.step, bytes });
    }
    return found;
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

  async #checkpoint(runId: string, { step, numBytes, checksum }: CheckpointPointer) {
    const stored = await this.#database.get("checkpoints", [runId, step]);
    const bytes = stored?.bytes;
    const isWhole = bytes?.length === numBytes && checksumOf(bytes) === checksum;
    return isWhole ? bytes : null;
  }

  /** All there was up to a checkpoint. */
  async history(
    runId: string,
    { step, numEpochs }: Pick<CheckpointPointer, "step" | "numEpochs">,
  ): Promise<Pick<HistoryRecord, "steps" | "epochs">> {
    const records = await this.#database.getAll("history", keysOf(runId));
    return historyUpTo(records, { step, numEpochs });
  }

  /** The snapshots up to a step, ascending. */
  async snapshots(runId: string, step: number): Promise<Snapshot[]> {
    return (await this.#database.getAll("frames", keysUpTo(runId, step))).map(readSnapshot);
  }

  /** Of which steps there are snapshots, up to one. */
  async snapshotSteps(runId: string, step: number): Promise<number[]> {
    const keys = await this.#database.getAllKeys("frames", keysUpTo(runId, step));
    return keys.map(([, at]) => at);
  }

  /**
   * Saves a run at a checkpoint (see `saveRun`). Where the disk is full older checkpoints go first,
   * the run's own, then what `freeMore` can do without, then those of others; but of each its newest
   * and best stay.
   *
   * @param freeMore makes room elsewhere, and says of how many things
   * @throws StorageError when there is no room even so: what was stored before is still there
   */
  async save(save: Save, freeMore: () => Promise<number> = async () => 0): Promise<SavedRun> {
    const { runId } = save.run;
    const makingRoom = [
      async () => null,
      () => this.#prune([runId]),
      freeMore,
      () => this.#pruneAll(),
    ];
    try {
      for (const makeRoom of makingRoom) {
        const numForgotten = await makeRoom();
        const saved = numForgotten === 0 ? null : await this.#saveIfRoom(save, numForgotten ?? 0);
        if (saved) return saved;
      }
    } catch (error) {
      throw new StorageError(
        `The run could not be saved (${messageOf(error)}). Download it, then reload the page.`,
        { cause: error },
      );
    }
    throw new StorageError(FULL);
  }

  /**
   * Null where there is no room. Tried again where checkpoints have just been forgotten: the browser
   * counts their room as free a moment later.
   */
  async #saveIfRoom(save: Save, numForgotten: number): Promise<SavedRun | null> {
    for (const waitMs of numForgotten > 0 ? WAITS_MS : [0]) {
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      try {
        return await saveRun(this.#database, save);
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
    return null;
  }

  /** @throws StorageError */
  async update(
    runId: string,
    changes: Partial<Pick<RunRecord, "name" | "isFinished" | "hasStoppedEarly">>,
  ): Promise<void> {
    const transaction = this.#database.transaction("runs", "readwrite");
    const change = async () => {
      const stored = await transaction.store.get(runId);
      if (stored !== undefined) await transaction.store.put({ ...Object(stored), ...changes });
    };
    await completed(transaction, change());
  }

  /**
   * Adds a snapshot up to the run's checkpoint that was drawn to its end after that was saved.
   *
   * @param picture the run's, where no later snapshot is stored
   * @returns the record then; null of a run that was deleted, of which nothing is stored
   */
  async addSnapshot(
    runId: string,
    snapshot: Snapshot,
    picture: RunRecord["picture"],
  ): Promise<RunRecord | null> {
    return addSnapshot(this.#database, { runId, snapshot, picture });
  }

  /** Forgets the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    await forgetNewest(this.#database, runId, step);
  }

  async delete(runId: string): Promise<void> {
    const transaction = this.#database.transaction(TABLES, "readwrite");
    const deletions = [
      transaction.objectStore("runs").delete(runId),
      transaction.objectStore("checkpoints").delete(keysOf(runId)),
      transaction.objectStore("history").delete(keysOf(runId)),
      transaction.objectStore("frames").delete(keysOf(runId)),
    ];
    await completed(transaction, Promise.all(deletions));
  }

  /**
   * Adds a run whole.
   *
   * @throws StorageError when there is no room for it, or it is there already
   */
  async add(
    { record, checkpoints, history, snapshots }: WholeRun,
    onFraction?: (fraction: number) => void,
  ): Promise<void> {
    const { runId, step } = record;
    const transaction = this.#database.transaction(TABLES, "readwrite", { durability: "strict" });
    try {
      const writes: Promise<unknown>[] = [
        transaction.objectStore("runs").add(record),
        ...checkpoints.map((c) => transaction.objectStore("checkpoints").put({ runId, ...c })),
        transaction.objectStore("history").put({ runId, step, ...history }),
        ...snapshots.map((s) => transaction.objectStore("frames").put({ runId, ...s })),
      ];
      let numWritten = 0;
      const told = writes.map(async (write) => {
        await write;
        onFraction?.(++numWritten / writes.length);
      });
      await completed(transaction, Promise.all(told));
    } catch (error) {
      const why = isFull(error) ? FULL : `The run could not be stored (${messageOf(error)}).`;
      throw new StorageError(why, { cause: error });
    }
  }

  async #prune(runIds: readonly string[]): Promise<number> {
    let numForgotten = 0;
    for (const runId of runIds) numForgotten += await pruneRun(this.#database, runId);
    return numForgotten;
  }

  async #pruneAll(): Promise<number> {
    return this.#prune(await this.runIds());
  }
}

/** Chromium deletes what it is told to after two seconds, or ten when there is more to come. */
const WAITS_MS = [0, 2500, 5000];

const FULL =
  "The disk, or the browser's share of it, is full, even without older checkpoints. Delete runs or free space on the disk; download what you want to keep.";

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === "QuotaExceededError";
}
