import { messageOf } from "../../engine/messageOf.ts";
import { bestCheckpoint, isWhole, keptCheckpoints } from "./checkpoints.ts";
import {
  completed,
  isFull,
  keysAbove,
  NoRoomError,
  openDatabase,
  StorageError,
  TABLES,
} from "./database.ts";
import { isReadable, readRecord } from "./readRecord.ts";
import type {
  CheckpointPointer,
  Picture,
  RunChanges,
  RunRecord,
  Snapshot,
  WholeRun,
} from "./records.ts";
import { type ReadBackup, RunReader } from "./runReader.ts";
import {
  deleteOtherCheckpoints,
  deleteRun,
  type Save,
  type SavedRun,
  saveRun,
  snapshotBytes,
  writeRun,
} from "./saveRun.ts";

/** Chromium deletes what it is told to after two seconds, or ten when there is more to come. */
const WAITS_MS = [0, 2500, 5000];

interface OpenOptions {
  /** Nothing is read from a copy when left out. */
  readBackup?: ReadBackup;
  wait?: ((ms: number) => Promise<void>) | undefined;
}

/** Reads and writes runs in IndexedDB. */
export class RunStore extends RunReader {
  #wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms));

  /**
   * @param onClosed called with the reason when the database is closed from outside
   * @throws StorageError
   */
  static async open(
    onClosed: (reason: string) => void,
    { readBackup = async () => null, wait }: OpenOptions = {},
  ): Promise<RunStore> {
    const store = new RunStore(await openDatabase(onClosed), readBackup);
    if (wait) store.#wait = wait;
    return store;
  }

  /**
   * Saves a run at a checkpoint (see `saveRun`). Where the disk is full, older checkpoints are deleted:
   * first the run's own, then what `freeMore` deletes, then those of other runs; of each run the newest
   * and the best stay.
   *
   * @param freeMore makes room elsewhere, and returns how many things it deleted
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
      () => this.#prune(runId),
      freeMore,
      async () => {
        let numDeleted = 0;
        for (const run of await this.list()) numDeleted += await this.#prune(run.runId);
        return numDeleted;
      },
    ];
    try {
      for (const makeRoom of makingRoom) {
        const numDeleted = await makeRoom();
        if (numDeleted === 0) continue;
        const work = () => saveRun(this.db, save);
        const { result } = await this.#ifRoom(work, numDeleted ?? 0);
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

  /**
   * Deletes the checkpoints of a run except the newest and the best undamaged one. It only deletes: where
   * the disk is full the browser refuses whatever writes, be it a record that has become shorter. Pointers
   * to what is deleted stay in the record until its next save.
   *
   * @returns how many
   */
  async #prune(runId: string): Promise<number> {
    const transaction = this.db.transaction(["runs", "checkpoints"], "readwrite");
    const prune = async () => {
      const run = readRecord(await transaction.objectStore("runs").get(runId));
      if (!isReadable(run)) return 0;
      const checkpoints = transaction.objectStore("checkpoints");
      const whole: CheckpointPointer[] = [];
      for (const pointer of run.checkpoints) {
        const stored = await checkpoints.get([runId, pointer.step]);
        if (isWhole(stored?.bytes, pointer)) whole.push(pointer);
      }
      if (whole.length === 0) return 0;
      return deleteOtherCheckpoints(checkpoints, runId, keptCheckpoints(whole, 1));
    };
    return completed(transaction, prune());
  }

  async update(runId: string, changes: RunChanges): Promise<void> {
    const transaction = this.db.transaction("runs", "readwrite");
    const change = async () => {
      const stored = await transaction.store.get(runId);
      if (stored !== undefined) await transaction.store.put({ ...Object(stored), ...changes });
    };
    await completed(transaction, change());
  }

  /**
   * Adds a snapshot up to the run's checkpoint that was finished after that was saved.
   *
   * @param picture becomes the run's, unless a later snapshot is stored
   * @returns the new record; null where the run was deleted, and nothing is stored
   */
  async addSnapshot(
    runId: string,
    snapshot: Snapshot,
    picture: Picture | null,
  ): Promise<RunRecord | null> {
    const transaction = this.db.transaction(["runs", "frames"], "readwrite");
    const [runs, frames] = [transaction.objectStore("runs"), transaction.objectStore("frames")];
    const add = async () => {
      const run = readRecord(await runs.get(runId));
      if (!isReadable(run)) return null;
      const key: [string, number] = [runId, snapshot.step];
      const isLater = (await frames.count(keysAbove(...key))) > 0;
      const bytes = (await frames.count(key)) > 0 ? 0 : snapshotBytes(snapshot);
      await frames.put({ runId, ...snapshot });
      const totalBytes = run.totalBytes + bytes;
      const record: RunRecord = { ...run, totalBytes, picture: isLater ? run.picture : picture };
      await runs.put(record);
      return record;
    };
    return completed(transaction, add());
  }

  /** Deletes the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    const transaction = this.db.transaction(["runs", "checkpoints"], "readwrite");
    const runs = transaction.objectStore("runs");
    const forget = async () => {
      const run = readRecord(await runs.get(runId));
      if (!isReadable(run)) return;
      const checkpoints = run.checkpoints.slice(0, -1);
      const [newest, before] = [run.checkpoints.at(-1), checkpoints.at(-1)];
      if (newest?.step !== step || !before) return;
      await transaction.objectStore("checkpoints").delete([runId, step]);
      await runs.put({
        ...run,
        checkpoints,
        step: before.step,
        numEpochs: before.numEpochs,
        bestValidationLoss: bestCheckpoint(checkpoints)?.validationLoss ?? null,
        totalBytes: run.totalBytes - newest.numBytes,
      });
    };
    await completed(transaction, forget());
  }

  async delete(runId: string): Promise<void> {
    const transaction = this.db.transaction(TABLES, "readwrite");
    await completed(transaction, deleteRun(transaction, runId));
  }

  /** @throws NoRoomError when there is no room for it, StorageError when it is there already */
  async add(run: WholeRun, onFraction?: (fraction: number) => void): Promise<void> {
    await writeRun(this.db, run, "add", onFraction);
  }

  /**
   * Writes a run in place of what is stored of it.
   *
   * @param numDeleted how many things have just been deleted to make room for it
   * @returns false when there is no room for it
   */
  async replace(run: WholeRun, numDeleted: number): Promise<boolean> {
    const write = () => writeRun(this.db, run, "put");
    return "result" in (await this.#ifRoom(write, numDeleted));
  }
}
