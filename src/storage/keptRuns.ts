import { isReadable, type UnreadableRun } from "./readRecord.ts";
import type { RunRecord, Snapshot } from "./records.ts";
import type { RunStore } from "./runStore.ts";
import type { Save } from "./saveRun.ts";
import { SecondCopy } from "./secondCopy.ts";
import type { WholeRun } from "./wholeRun.ts";

/** The runs in the database, and once more as files: every change is made in both. */
export class KeptRuns {
  readonly database: RunStore;
  /** Null where the browser has no room for files, or has run out of it. */
  #copy: SecondCopy | null;

  /** @param folder for the second copy; null for none */
  constructor(database: RunStore, folder: FileSystemDirectoryHandle | null) {
    this.database = database;
    this.#copy = folder && new SecondCopy(folder);
  }

  /**
   * Brings back the runs that the database has lost and the second copy still has.
   *
   * @returns their names
   */
  async restoreLost(): Promise<string[]> {
    const names: string[] = [];
    const known = new Set(await this.database.runIds());
    await this.#onCopy(async (copy) => {
      for (const runId of await copy.runIds()) {
        if (known.has(runId)) continue;
        // One that cannot be read, or that another tab has brought back, hinders no other.
        await this.#onCopy(async () => {
          const run = await copy.read(runId);
          if (!run) return;
          await this.database.add(run);
          names.push(run.record.name);
        });
      }
    });
    return names;
  }

  /** All runs, with the bytes of all copies. */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    const numCopies = this.#copy ? 2 : 1;
    return (await this.database.list()).map((run) =>
      isReadable(run) ? { ...run, totalBytes: numCopies * run.totalBytes } : run,
    );
  }

  /** @throws StorageError when there is no room: what was stored before is still there */
  async save(save: Save): Promise<void> {
    const { record, history } = await this.database.save(save, () => this.#giveUpCopy());
    const { checkpoint: bytes, snapshots, afterStep } = save;
    const checkpoint = { step: record.step, bytes };
    await this.#onCopy(async (copy) => {
      const isAdded = await copy.save(record, { checkpoint, history, snapshots, afterStep });
      if (!isAdded) await copy.write(await this.#whole(record.runId));
    });
  }

  async update(
    runId: string,
    changes: Partial<Pick<RunRecord, "name" | "isFinished" | "hasStoppedEarly">>,
  ): Promise<void> {
    await this.database.update(runId, changes);
    await this.#updateCopy(runId);
  }

  /** @returns false of a run that is not stored: it was deleted, or never saved */
  async addSnapshot(
    runId: string,
    snapshot: Snapshot,
    picture: RunRecord["picture"],
  ): Promise<boolean> {
    const record = await this.database.addSnapshot(runId, snapshot, picture);
    if (record) await this.#onCopy((copy) => copy.addSnapshot(record, snapshot));
    return record !== null;
  }

  /** Forgets the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    await this.database.forgetNewest(runId, step);
    await this.#updateCopy(runId);
  }

  async delete(runId: string): Promise<void> {
    // First: else it would come back from there.
    await this.#copy?.delete(runId);
    await this.database.delete(runId);
  }

  /** @throws StorageError when there is no room for it, or it is there already */
  async add(run: WholeRun, onFraction?: (fraction: number) => void): Promise<void> {
    await this.database.add(run, (fraction) => onFraction?.(fraction / 2));
    await this.#onCopy((copy) => copy.write(run, (fraction) => onFraction?.((1 + fraction) / 2)));
  }

  async #updateCopy(runId: string): Promise<void> {
    await this.#onCopy(async (copy) => copy.update(await this.database.read(runId)));
  }

  async #whole(runId: string): Promise<WholeRun> {
    const record = await this.database.read(runId);
    return {
      record,
      checkpoints: await this.database.checkpoints(record),
      history: await this.database.history(runId, record),
      snapshots: await this.database.snapshots(runId, record.step),
    };
  }

  /** Gives the room of the second copy to the first, until the page is loaded again. */
  async #giveUpCopy(): Promise<number> {
    const copy = this.#copy;
    this.#copy = null;
    const runIds = (await copy?.runIds()) ?? [];
    for (const runId of runIds) await copy?.delete(runId);
    return runIds.length;
  }

  /** What cannot be copied is no fault of the first copy. */
  async #onCopy(work: (copy: SecondCopy) => Promise<void>): Promise<void> {
    try {
      if (this.#copy) await work(this.#copy);
    } catch (error) {
      console.warn("The second copy of the runs is not up to date:", error);
    }
  }
}
