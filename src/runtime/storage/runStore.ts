import type { IDBPObjectStore } from "idb";
import { messageOf } from "../../engine/messageOf.ts";
import { bestCheckpoint, isWhole } from "./checkpoints.ts";
import {
  completed,
  type Database,
  isFull,
  keysOf,
  keysUpTo,
  NoRoomError,
  openDatabase,
  StorageError,
  TABLES,
  type Tables,
} from "./database.ts";
import { isReadable, readRecord, readSnapshot, type UnreadableRun } from "./readRecord.ts";
import type {
  CheckpointPointer,
  History,
  RunRecord,
  Snapshot,
  StoredCheckpoint,
  WholeRun,
} from "./records.ts";
import {
  addSnapshot,
  deleteRun,
  forgetNewest,
  pruneRun,
  type Save,
  type SavedRun,
  saveRun,
  writeRun,
} from "./saveRun.ts";
import { historyUpTo } from "./storedHistory.ts";

interface OpenOptions {
  /** Asked for a checkpoint that is not whole in the database. */
  other?: OtherCheckpoint;
  wait?: ((ms: number) => Promise<void>) | undefined;
}

/** A checkpoint that is whole, and how many newer ones are not. */
export interface FoundCheckpoint<T> {
  pointer: CheckpointPointer;
  bytes: Uint8Array<ArrayBuffer>;
  value: T;
  numDamaged: number;
}

/** Where the bytes of a checkpoint lie once more; null where they do not. */
export type OtherCheckpoint = (
  runId: string,
  step: number,
) => Promise<Uint8Array<ArrayBuffer> | null>;

/** Runs with their checkpoints, metric histories and snapshots, in IndexedDB. */
export class RunStore {
  readonly #database: Database;
  readonly #other: OtherCheckpoint;
  readonly #wait: (ms: number) => Promise<void>;

  private constructor(
    database: Database,
    {
      other = async () => null,
      wait = (ms) => new Promise((done) => setTimeout(done, ms)),
    }: OpenOptions,
  ) {
    this.#database = database;
    this.#other = other;
    this.#wait = wait;
  }

  /**
   * @param onClosed called with the reason when the database is closed from outside
   * @throws StorageError
   */
  static async open(
    onClosed: (reason: string) => void,
    options: OpenOptions = {},
  ): Promise<RunStore> {
    return new RunStore(await openDatabase(onClosed), options);
  }

  close(): void {
    this.#database.close();
  }

  runIds(): Promise<string[]> {
    return this.#read("runs", (runs) => runs.getAllKeys());
  }

  /** All runs, the newest first; those that cannot be read say why, last. */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    const runs = (await this.#read("runs", (runs) => runs.getAll())).map((stored) =>
      readRecord(stored),
    );
    const checkpoints = await this.#read("checkpoints", (table) => table.getAllKeys());
    const isThere = new Set(checkpoints.map(([runId, step]) => `${runId} ${step}`));
    for (const run of runs) {
      if (!isReadable(run)) continue;
      // Where the disk is full they go before their pointers.
      const gone = run.checkpoints.filter(({ step }) => !isThere.has(`${run.runId} ${step}`));
      run.totalBytes -= gone.reduce((sum, { numBytes }) => sum + numBytes, 0);
    }
    const savedMs = (run: RunRecord | UnreadableRun) => (isReadable(run) ? run.savedMs : 0);
    return runs.sort((a, b) => savedMs(b) - savedMs(a));
  }

  /** As it is stored; null where it is not. */
  async find(runId: string): Promise<RunRecord | UnreadableRun | null> {
    const stored = await this.#read("runs", (runs) => runs.get(runId));
    return stored === undefined ? null : readRecord(stored);
  }

  /** @throws StorageError when it is not there or cannot be read */
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
  async checkpoints({ runId, checkpoints }: RunRecord): Promise<StoredCheckpoint[]> {
    const found: StoredCheckpoint[] = [];
    for (const pointer of checkpoints) {
      const bytes = await this.#checkpoint(runId, pointer);
      if (bytes) found.push({ step: pointer.step, bytes });
    }
    return found;
  }

  /** Whether the run can be read here up to its newest checkpoint, without any other copy. */
  async isWhole(runId: string): Promise<boolean> {
    const run = await this.find(runId);
    const newest = run && isReadable(run) ? run.checkpoints.at(-1) : undefined;
    if (!newest) return false;
    const stored = await this.#read("checkpoints", (table) => table.get([runId, newest.step]));
    return isWhole(stored?.bytes, newest);
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
    const stored = await this.#read("checkpoints", (table) => table.get([runId, pointer.step]));
    if (isWhole(stored?.bytes, pointer)) return stored.bytes;
    const other = await this.#other(runId, pointer.step);
    return isWhole(other, pointer) ? other : null;
  }

  /** All there was up to a checkpoint. */
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

  /** Of which steps there are snapshots, up to one. */
  async snapshotSteps(runId: string, step: number): Promise<number[]> {
    const keys = await this.#read("frames", (frames) => frames.getAllKeys(keysUpTo(runId, step)));
    return keys.map(([, at]) => at);
  }

  /**
   * Saves a run at a checkpoint (see `saveRun`). Where the disk is full older checkpoints go first,
   * the run's own, then what `freeMore` can do without, then those of others; but of each its newest
   * and best stay.
   *
   * @param freeMore makes room elsewhere, and says of how many things
   * @returns null where the run is no longer this tab's to save
   * @throws NoRoomError when there is no room even so, StorageError when it fails otherwise: what was
   *   stored before is still there
   */
  async save(
    save: Save,
    freeMore: () => Promise<number> = async () => 0,
  ): Promise<SavedRun | null> {
    const { runId } = save.run;
    const makingRoom = [
      async () => null,
      () => this.#prune([runId]),
      freeMore,
      async () => this.#prune(await this.runIds()),
    ];
    try {
      for (const makeRoom of makingRoom) {
        const numForgotten = await makeRoom();
        if (numForgotten === 0) continue;
        const work = () => saveRun(this.#database, save);
        const { result } = await this.#ifRoom(work, numForgotten ?? 0);
        if (result !== undefined) return result;
      }
    } catch (error) {
      throw new StorageError(
        `The run could not be saved (${messageOf(error)}). Download it, then reload the page.`,
        { cause: error },
      );
    }
    throw new NoRoomError();
  }

  /**
   * No result where there is no room. Tried again where something has just been deleted: the browser
   * counts its room as free a moment later.
   */
  async #ifRoom<T>(work: () => Promise<T>, numDeleted: number): Promise<{ result?: T }> {
    for (const waitMs of numDeleted > 0 ? WAITS_MS : [0]) {
      if (waitMs > 0) await this.#wait(waitMs);
      try {
        return { result: await work() };
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    }
    return {};
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
    await completed(transaction, deleteRun(transaction, runId));
  }

  /**
   * Adds a run whole.
   *
   * @throws NoRoomError when there is no room for it, StorageError when it is there already
   */
  async add(run: WholeRun, onFraction?: (fraction: number) => void): Promise<void> {
    await writeRun(this.#database, run, "add", onFraction);
  }

  /**
   * Writes a run whole, in place of what there is of it.
   *
   * @param numDeleted how many things have just been deleted to make room for it
   * @returns false when there is no room for it
   */
  async replace(run: WholeRun, numDeleted: number): Promise<boolean> {
    const write = () => writeRun(this.#database, run, "put");
    return "result" in (await this.#ifRoom(write, numDeleted));
  }

  /**
   * The database's own `get` and its like leave a rejection that nobody handles where they are aborted,
   * as when site data are cleared.
   */
  async #read<Table extends (typeof TABLES)[number], T>(
    table: Table,
    work: (store: IDBPObjectStore<Tables, [Table], Table, "readonly">) => Promise<T>,
  ): Promise<T> {
    const transaction = this.#database.transaction(table);
    const read = async () => work(transaction.store);
    return completed(transaction, read());
  }

  async #prune(runIds: readonly string[]): Promise<number> {
    let numForgotten = 0;
    for (const runId of runIds) numForgotten += await pruneRun(this.#database, runId);
    return numForgotten;
  }
}

/** Chromium deletes what it is told to after two seconds, or ten when there is more to come. */
const WAITS_MS = [0, 2500, 5000];
