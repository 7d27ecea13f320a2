import { messageOf } from "../../engine/messageOf.ts";
import { Backup, type BackupFolder } from "./backup.ts";
import { isFull } from "./database.ts";
import { type Locks, withLock } from "./locks.ts";
import { isReadable, type UnreadableRun } from "./readRecord.ts";
import type { Picture, RunChanges, RunRecord, Snapshot, WholeRun } from "./records.ts";
import { RunStore } from "./runStore.ts";
import type { Save, SavedRun } from "./saveRun.ts";

/** Held by the tab that changes the runs: the database and the backup must go together. */
const LOCK = "diffusion-mnist-storage";

/** What the browser has besides a database. */
export interface Surroundings {
  folder: BackupFolder;
  /** Null where the browser has none: there it has no folder either. */
  locks: Locks | null;
  /** Bytes that may still be written, about; infinite where the browser does not tell. */
  freeBytes: () => Promise<number>;
  wait?: (ms: number) => Promise<void>;
}

/** Names of runs that were found in the backup alone. */
export interface RestoredRuns {
  restored: string[];
  noRoom: string[];
}

/**
 * The runs in the database, and once more as files: every change is made in both, by one tab at a time.
 * A backup is deleted to make room only where the database has the run whole.
 */
export class BackedUpRuns {
  readonly database: RunStore;
  readonly #backup: Backup | null;
  readonly #surroundings: Surroundings;
  /** Missing backups are not written until something is deleted, or the page is loaded again. */
  #isShortOfRoom = false;
  /** By run, why it could not be restored, and what to do. */
  readonly #problems = new Map<string, string>();

  private constructor(database: RunStore, backup: Backup | null, surroundings: Surroundings) {
    this.database = database;
    this.#backup = backup;
    this.#surroundings = surroundings;
  }

  /**
   * @param onClosed called with the reason when the database is closed from outside
   * @throws StorageError
   */
  static async open(
    onClosed: (reason: string) => void,
    surroundings: Surroundings,
  ): Promise<BackedUpRuns> {
    const { folder, wait } = surroundings;
    const backup = (await folder().catch(() => null)) && new Backup(folder);
    const readBackup = async (runId: string, step: number) =>
      (await backup?.checkpoint(runId, step).catch(() => null)) ?? null;
    return new BackedUpRuns(
      await RunStore.open(onClosed, { readBackup, wait }),
      backup,
      surroundings,
    );
  }

  /** Restores the runs that the database has lost or damaged, and the backup still has. */
  async restore(): Promise<RestoredRuns> {
    const found: RestoredRuns = { restored: [], noRoom: [] };
    await this.#onBackup(async (backup) => {
      for (const runId of await backup.runIds()) {
        if (!needsBackup(await this.database.find(runId))) continue;
        await this.#exclusively(async () => {
          try {
            await this.#restore(backup, runId, found);
          } catch (error) {
            // The other runs are restored all the same.
            this.#problems.set(runId, notRestored(error));
            console.warn("A run could not be restored from its backup:", error);
          }
        });
      }
    });
    return found;
  }

  async #restore(backup: Backup, runId: string, found: RestoredRuns): Promise<void> {
    const stored = await this.database.find(runId);
    // Another tab may have restored it.
    if (!needsBackup(stored)) return;
    const run = await backup.read(runId);
    if (!run) {
      // What was written first of a run that was then deleted, or lost.
      if (!stored && !(await backup.backedUpIds()).includes(runId)) await backup.delete(runId);
      this.#problems.set(runId, NOTHING_LEFT);
      return;
    }
    const { name } = run.record;
    const isBack =
      (await this.database.replace(run, 0)) || (await this.#replaceBackupsOfOthers(run));
    if (isBack) found.restored.push(name);
    else {
      found.noRoom.push(name);
      this.#problems.set(runId, NO_ROOM);
    }
  }

  /** Restores a run in the room of backups; false, and they stay, where that is not enough. */
  async #replaceBackupsOfOthers(run: WholeRun): Promise<boolean> {
    const { totalBytes } = run.record;
    const freeBytes = await this.#surroundings.freeBytes();
    // It has just turned out that there is less room than the run needs.
    const missingBytes = freeBytes < totalBytes ? totalBytes - freeBytes : totalBytes;
    const numDeleted = await this.#deleteBackups(missingBytes);
    const isBack = numDeleted > 0 && (await this.database.replace(run, numDeleted));
    this.#isShortOfRoom ||= isBack;
    return isBack;
  }

  /**
   * Writes the backups that are missing or behind, as far as there is room.
   *
   * @returns whether there were any
   */
  async completeBackups(): Promise<boolean> {
    let isChanged = false;
    for (const { runId } of (await this.database.list()).filter(isReadable)) {
      await this.#exclusively(() =>
        this.#onBackup(async (backup) => {
          const run = await this.database.find(runId);
          if (!run || !isReadable(run)) return;
          const steps = await this.database.snapshotSteps(runId, run.step);
          if (await backup.has(run, steps)) await backup.update(run);
          else if (await this.#writeBackup(backup, run)) isChanged = true;
        }),
      );
    }
    return isChanged;
  }

  /** All runs, with the bytes of all backups; last those that are to be restored, which say why. */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    // Before the database: another tab writes a run there first, and deletes it there last.
    const copied = (await this.#onBackup((backup) => backup.backedUpIds())) ?? [];
    const runs = new Map((await this.database.list()).map((run) => [run.runId, run]));
    const lost: UnreadableRun[] = [];
    for (const runId of copied) {
      const stored = runs.get(runId) ?? null;
      if (!needsBackup(stored)) {
        if (stored && isReadable(stored)) stored.totalBytes *= 2;
        continue;
      }
      const run = await this.#onBackup((backup) => backup.record(runId));
      if (!run) continue;
      const problem = isReadable(run) ? (this.#problems.get(runId) ?? NOT_TRIED) : run.problem;
      const isNewer = !isReadable(run) && run.isNewer;
      lost.push({ runId, name: run.name, problem, isNewer });
      runs.delete(runId);
    }
    return [...runs.values(), ...lost];
  }

  /**
   * @returns null where the run is no longer this tab's to save
   * @throws StorageError when there is no room: what was stored before is still there
   */
  async save(save: Save): Promise<SavedRun | null> {
    return this.#exclusively(async () => {
      const saved = await this.database.save(save, () => {
        this.#isShortOfRoom = true;
        return this.#deleteBackups();
      });
      if (!saved) return null;
      await this.#onBackup(async (backup) => {
        const backedUpMs = await backup.savedMs(saved.record.runId);
        if (backedUpMs === saved.previousMs) await backup.write(saved, saved.afterStep);
        else await this.#writeBackup(backup, saved.record);
      });
      return saved;
    });
  }

  async update(runId: string, changes: RunChanges): Promise<void> {
    await this.#change(runId, () => this.database.update(runId, changes));
  }

  /** @returns false of a run that is not stored: it was deleted, or never saved */
  async addSnapshot(runId: string, snapshot: Snapshot, picture: Picture | null): Promise<boolean> {
    return this.#exclusively(async () => {
      const record = await this.database.addSnapshot(runId, snapshot, picture);
      if (record) await this.#onBackup((backup) => backup.addSnapshot(record, snapshot));
      return record !== null;
    });
  }

  /** Deletes the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    await this.#change(runId, () => this.database.forgetNewest(runId, step));
  }

  async delete(runId: string): Promise<void> {
    await this.#exclusively(async () => {
      // First: else it would be restored from there.
      await this.#backup?.delete(runId);
      await this.database.delete(runId);
    });
    this.noteRoom();
  }

  /** Something was deleted, here or in another tab: there may be room for backups again. */
  noteRoom(): void {
    this.#isShortOfRoom = false;
  }

  /** @throws StorageError when there is no room for it, or it is there already */
  async add(run: WholeRun, onFraction?: (fraction: number) => void): Promise<void> {
    await this.#exclusively(async () => {
      await this.database.add(run, (fraction) => onFraction?.(fraction / 2));
      await this.#onBackup((backup) =>
        this.#writeBackup(backup, run.record, (fraction) => onFraction?.((1 + fraction) / 2)),
      );
    });
  }

  async #change(runId: string, inDatabase: () => Promise<void>): Promise<void> {
    await this.#exclusively(async () => {
      await inDatabase();
      const run = await this.database.find(runId);
      if (run && isReadable(run)) await this.#onBackup((backup) => backup.update(run));
    });
  }

  /**
   * Writes the backup of a run whole, unless that would leave too little room for the next save.
   *
   * @returns whether it is written
   */
  async #writeBackup(
    backup: Backup,
    record: RunRecord,
    onFraction?: (fraction: number) => void,
  ): Promise<boolean> {
    if (this.#isShortOfRoom) return false;
    if ((await this.#surroundings.freeBytes()) < 2 * record.totalBytes) return false;
    const { database } = this;
    const run = {
      record,
      checkpoints: await database.checkpoints(record),
      history: await database.history(record.runId, record),
      snapshots: await database.snapshots(record.runId, record.step),
    };
    await backup.write(run, -1, onFraction);
    return true;
  }

  /**
   * Deletes the backups of the runs that the database has whole.
   *
   * @param minBytes where they take less, they stay
   * @returns how many
   */
  async #deleteBackups(minBytes = 0): Promise<number> {
    let numDeleted = 0;
    await this.#onBackup(async (backup) => {
      const runIds: string[] = [];
      let numBytes = 0;
      for (const runId of await backup.backedUpIds()) {
        if (!(await this.database.isWhole(runId))) continue;
        runIds.push(runId);
        numBytes += await backup.size(runId);
      }
      if (numBytes < minBytes) return;
      for (const runId of runIds) {
        await backup.delete(runId);
        numDeleted++;
      }
    });
    return numDeleted;
  }

  /** While no other tab changes anything, unless the browser refuses locks. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    return withLock(this.#surroundings.locks, LOCK, {}, work);
  }

  /** What fails there is no fault of the database: it is logged, and null returned, as without a backup. */
  async #onBackup<T>(work: (backup: Backup) => Promise<T>): Promise<T | null> {
    try {
      return this.#backup && (await work(this.#backup));
    } catch (error) {
      this.#isShortOfRoom ||= isFull(error);
      console.warn("The backup of the runs is not up to date:", error);
      return null;
    }
  }
}

/** Whether a run that is stored so, or not at all, is to be restored from its backup. */
function needsBackup(stored: RunRecord | UnreadableRun | null): boolean {
  return !stored || !(isReadable(stored) || stored.isNewer);
}

const LOST = "The browser has lost or damaged this run in its database";
const NOT_TRIED = `${LOST}. This browser still has its backup: reload the page to bring it back.`;
const NO_ROOM = `${LOST}, and there is not enough room to bring it back. This browser still has its backup. Export runs that you do not need here and delete them, or free space on the disk and reload the page.`;
const NOTHING_LEFT = `${LOST}, and no checkpoint of it is left in its backup. Delete it; if you have a file of it, import that.`;

const notRestored = (error: unknown) =>
  `${LOST}, and it could not be brought back from its backup (${messageOf(error)}). Reload the page to try again.`;
