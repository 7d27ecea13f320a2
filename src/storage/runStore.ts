import { messageOf } from "../messageOf.ts";
import { checksumOf } from "./checksum.ts";
import {
  completed,
  type Database,
  keysOf,
  openDatabase,
  StorageError,
  TABLES,
} from "./database.ts";
import { bestCheckpoint } from "./keptCheckpoints.ts";
import { isReadable, readRecord, type UnreadableRun } from "./readRecord.ts";
import type {
  CheckpointPointer,
  EvolutionFrame,
  HistoryRecord,
  Picture,
  RunRecord,
} from "./records.ts";
import { forgetNewest, pruneRun, type Save, saveRun } from "./saveRun.ts";
import { SecondCopy } from "./secondCopy.ts";
import type { WholeRun } from "./wholeRun.ts";

/** A checkpoint that is whole, and how many newer ones are not. */
export interface FoundCheckpoint {
  pointer: CheckpointPointer;
  bytes: Uint8Array<ArrayBuffer>;
  numDamaged: number;
}

/** Runs with their checkpoints, metric histories and previews, in IndexedDB. */
export class RunStore {
  readonly #database: Database;
  /** Null where the browser has no room for files. */
  readonly #copy: SecondCopy | null;

  private constructor(database: Database, copy: SecondCopy | null) {
    this.#database = database;
    this.#copy = copy;
  }

  /**
   * @param folder for the second copy of the runs; null for none
   * @param onClosed called with the reason when the database is closed from outside
   * @throws StorageError
   */
  static async open(
    folder: FileSystemDirectoryHandle | null,
    onClosed: (reason: string) => void,
  ): Promise<RunStore> {
    return new RunStore(await openDatabase(onClosed), folder && new SecondCopy(folder));
  }

  /**
   * Brings back the runs that the database has lost and the second copy still has.
   *
   * @returns their names
   */
  async restoreLost(): Promise<string[]> {
    const names: string[] = [];
    await this.#onCopy(async (copy) => {
      const known = new Set(await this.#database.getAllKeys("runs"));
      for (const runId of await copy.runIds()) {
        const run = known.has(runId) ? null : await copy.read(runId);
        if (!run) continue;
        await this.#put(run);
        names.push(run.record.name);
      }
    });
    return names;
  }

  /** What cannot be copied is no fault of the first copy. */
  async #onCopy(work: (copy: SecondCopy) => Promise<void>): Promise<void> {
    try {
      if (this.#copy) await work(this.#copy);
    } catch (error) {
      console.warn("The second copy of the runs is not up to date:", error);
    }
  }

  /**
   * All runs, the newest first, with the bytes of all copies; those that cannot be read say why, last.
   */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    const numCopies = this.#copy ? 2 : 1;
    const runs = (await this.#database.getAll("runs")).map((stored) => {
      const run = readRecord(stored);
      return isReadable(run) ? { ...run, totalBytes: numCopies * run.totalBytes } : run;
    });
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
   * The newest checkpoint whose bytes are those that were written.
   *
   * @throws StorageError when there is none
   */
  async newestCheckpoint({ runId, name, checkpoints }: RunRecord): Promise<FoundCheckpoint> {
    let numDamaged = 0;
    for (const pointer of checkpoints.toReversed()) {
      const bytes = await this.#checkpoint(runId, pointer);
      if (bytes) return { pointer, bytes, numDamaged };
      numDamaged++;
    }
    throw new StorageError(
      `None of the ${numDamaged} checkpoints of “${name}” can be read: they are damaged. Delete the run, or import it from a file.`,
    );
  }

  /** That after the epoch with the lowest validation loss; null when there is none, or it is damaged. */
  async bestCheckpoint({
    runId,
    checkpoints,
  }: RunRecord): Promise<Omit<FoundCheckpoint, "numDamaged"> | null> {
    const pointer = bestCheckpoint(checkpoints);
    const bytes = pointer && (await this.#checkpoint(runId, pointer));
    return bytes ? { pointer, bytes } : null;
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
    return {
      steps: records.flatMap(({ steps }) => steps).filter((s) => s.step <= step),
      epochs: records.flatMap(({ epochs }) => epochs).slice(0, numEpochs),
    };
  }

  /** The previews up to a step. */
  async frames(runId: string, step: number): Promise<EvolutionFrame[]> {
    const records = await this.#database.getAll("frames", keysOf(runId));
    return records.filter((frame) => frame.step <= step);
  }

  /** The newest of them; null when there is none. */
  async newestFrame(runId: string, step: number): Promise<EvolutionFrame | null> {
    const range = IDBKeyRange.bound([runId], [runId, step]);
    const cursor = await this.#database.transaction("frames").store.openCursor(range, "prev");
    return cursor?.value ?? null;
  }

  /**
   * Saves a run at a checkpoint (see `saveRun`). Where the disk is full older checkpoints go first,
   * the run's own, then the second copies, then those of others; but of each its newest and best stay.
   *
   * @returns the run's record as it is stored
   * @throws StorageError when there is no room even so: what was stored before is still there
   */
  async save(save: Save): Promise<RunRecord> {
    const { runId } = save.run;
    const makingRoom = [
      async () => {},
      () => this.#prune([runId]),
      () => this.#deleteCopies(),
      () => this.#pruneAll(),
    ];
    for (const makeRoom of makingRoom) {
      try {
        await makeRoom();
        const { record, history } = await saveRun(this.#database, save);
        const { checkpoint: bytes, frames, afterStep } = save;
        const checkpoint = { step: record.step, bytes };
        await this.#onCopy((copy) => copy.save(record, { checkpoint, history, frames, afterStep }));
        return record;
      } catch (error) {
        if (isFull(error)) continue;
        throw new StorageError(
          `The run could not be saved (${messageOf(error)}). Download it, then reload the page.`,
          { cause: error },
        );
      }
    }
    throw new StorageError(FULL);
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
    await this.#updateCopy(runId);
  }

  async #updateCopy(runId: string): Promise<void> {
    const record = readRecord(await this.#database.get("runs", runId));
    if (isReadable(record)) await this.#onCopy((copy) => copy.update(record));
  }

  /** Previews that were drawn after the last checkpoint; not of a run that was deleted. */
  async addFrames(
    runId: string,
    frames: readonly EvolutionFrame[],
    picture: Picture | null,
  ): Promise<void> {
    const transaction = this.#database.transaction(["runs", "frames"], "readwrite");
    const add = async () => {
      const runs = transaction.objectStore("runs");
      const record = readRecord(await runs.get(runId));
      if (!isReadable(record)) return null;
      for (const frame of frames) await transaction.objectStore("frames").put({ runId, ...frame });
      const changed = { ...record, picture };
      await runs.put(changed);
      return changed;
    };
    const record = await completed(transaction, add());
    if (record) await this.#onCopy((copy) => copy.addFrames(record, frames));
  }

  /** Forgets the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    await forgetNewest(this.#database, runId, step);
    await this.#updateCopy(runId);
  }

  async delete(runId: string): Promise<void> {
    // First: else it would come back from there.
    await this.#copy?.delete(runId);
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
   * @throws StorageError when there is no room for it
   */
  async add(run: WholeRun): Promise<void> {
    await this.#put(run);
    const { record, checkpoints, history, frames } = run;
    await this.#onCopy(async (copy) => {
      for (const [i, checkpoint] of checkpoints.entries()) {
        const isLast = i === checkpoints.length - 1;
        const told = isLast ? { history, frames } : { history: NO_HISTORY, frames: [] };
        await copy.save(record, { checkpoint, ...told, afterStep: checkpoint.step });
      }
    });
  }

  async #put({ record, checkpoints, history, frames }: WholeRun): Promise<void> {
    const { runId, step } = record;
    const transaction = this.#database.transaction(TABLES, "readwrite", { durability: "strict" });
    try {
      const writes: Promise<unknown>[] = [
        transaction.objectStore("runs").put(record),
        ...checkpoints.map((c) => transaction.objectStore("checkpoints").put({ runId, ...c })),
        transaction.objectStore("history").put({ runId, step, ...history }),
        ...frames.map((frame) => transaction.objectStore("frames").put({ runId, ...frame })),
      ];
      await completed(transaction, Promise.all(writes));
    } catch (error) {
      if (!isFull(error)) throw error;
      throw new StorageError(FULL, { cause: error });
    }
  }

  async #deleteCopies(): Promise<void> {
    for (const runId of (await this.#copy?.runIds()) ?? []) await this.#copy?.delete(runId);
  }

  async #prune(runIds: readonly string[]): Promise<void> {
    for (const runId of runIds) await pruneRun(this.#database, runId);
  }

  async #pruneAll(): Promise<void> {
    await this.#prune(await this.#database.getAllKeys("runs"));
  }
}

const NO_HISTORY = { steps: [], epochs: [] };

const FULL =
  "The disk, or the browser's share of it, is full, even without older checkpoints. Delete runs or free space on the disk; download what you want to keep.";

function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === "QuotaExceededError";
}
