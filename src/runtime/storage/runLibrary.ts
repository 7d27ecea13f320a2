import { messageOf } from "../../engine/messageOf.ts";
import type { Post } from "../run/events.ts";
import type { OnFraction } from "../run/progress.ts";
import { uniqueName } from "../runName.ts";
import { BackedUpRuns, type Surroundings } from "./backedUpRuns.ts";
import { NoRoomError } from "./database.ts";
import type { Picture, Snapshot, WholeRun } from "./records.ts";
import type { RunReader } from "./runReader.ts";
import type { Save, SavedRun } from "./saveRun.ts";
import { StoredParts } from "./storedParts.ts";
import type { TabChannel } from "./tabChannel.ts";

/**
 * The time of the saved record; `runGone` where the run was deleted or trained on in another tab since
 * this one ended it.
 */
export type SaveOutcome = { savedMs: number } | "runGone" | "failed";

/** The stored runs, with events of every change for the page and for other tabs. */
export class RunLibrary {
  readonly #post: Post;
  readonly #tabs: TabChannel;
  #runs: BackedUpRuns | null = null;
  /** Why nothing can be stored. */
  #trouble: string | null = null;
  #opening: Promise<void> | null = null;
  /** Of the run that was saved last. */
  #parts: StoredParts | null = null;

  constructor(post: Post, tabs: TabChannel) {
    this.#post = post;
    this.#tabs = tabs;
    tabs.onMessage((deletedRunId) => {
      if (deletedRunId !== null) this.#runs?.noteRoom();
      this.list();
    });
  }

  /** Opens the database, once, and posts what is in it, or why there is none. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    try {
      const runs = await BackedUpRuns.open((reason) => {
        this.#drop();
        this.#setTrouble(reason);
        this.open();
      }, surroundings());
      await this.#restore(runs);
      this.#runs = runs;
      this.#setTrouble(null);
      await this.list();
      // Not awaited: it may take a while, and nothing waits for it.
      this.#completeBackups();
    } catch (error) {
      // The next save tries again.
      this.#opening = null;
      this.#setTrouble(messageOf(error));
    }
  }

  async #restore(runs: BackedUpRuns): Promise<void> {
    const { restored, noRoom } = await runs.restore();
    if (restored.length > 0) this.#tabs.tell();
    if (restored.length + noRoom.length > 0) {
      this.#post({ type: "runsRestored", names: restored, noRoom });
    }
  }

  async #completeBackups(): Promise<void> {
    try {
      if (await this.#runs?.completeBackups()) await this.#changed();
    } catch {
      // An error of the database is reported where a run is read or saved.
    }
  }

  /** The database is opened again when it is needed next. */
  #drop(): void {
    this.#runs = null;
    this.#opening = null;
  }

  /** @throws Error when there is no storage */
  get store(): RunReader {
    return this.#opened.database;
  }

  get #opened(): BackedUpRuns {
    if (!this.#runs) throw new Error(this.#trouble ?? "The storage is closed.");
    return this.#runs;
  }

  async list(): Promise<void> {
    try {
      if (this.#runs) this.#post({ type: "runs", runs: await this.#runs.list() });
    } catch (error) {
      this.#setTrouble(`The list of runs cannot be read: ${messageOf(error)}`);
    }
  }

  /** Never throws: training goes on. */
  async save(save: Save): Promise<SaveOutcome> {
    await this.open();
    try {
      return await this.#save(save);
    } catch (error) {
      if (error instanceof NoRoomError) {
        this.#setTrouble(messageOf(error));
        return "failed";
      }
    }
    // The database may have been closed without notice, as where the site's data were cleared.
    this.#runs?.database.close();
    this.#drop();
    await this.open();
    try {
      return await this.#save(save);
    } catch (error) {
      this.#setTrouble(messageOf(error));
      return "failed";
    }
  }

  async #save(save: Save): Promise<SaveOutcome> {
    const name = this.#partsOf(save.run.runId)?.name ?? save.run.name;
    const saved = await this.#runs?.save({ ...save, run: { ...save.run, name } });
    if (saved === undefined) return "failed";
    if (saved === null) return "runGone";
    this.#setTrouble(null);
    const { runId, step, savedMs } = (await this.#withParts(save, saved)).record;
    this.#post({ type: "checkpointSaved", runId, step });
    await this.#changed();
    return { savedMs };
  }

  #partsOf(runId: string): StoredParts | null {
    return this.#parts?.runId === runId ? this.#parts : null;
  }

  /** Saves snapshots and best checkpoint again where the browser has lost them. */
  async #withParts(save: Save, saved: SavedRun): Promise<SavedRun> {
    const { record, previousMs } = saved;
    try {
      const known = this.#partsOf(record.runId);
      known?.addSave(save, record);
      const parts = known ?? (await StoredParts.of(this.store, record));
      this.#parts = parts;
      parts.areLost ||= previousMs !== save.previousMs;
      if (!parts.areLost) return saved;
      const whole = await parts.wholeSave({ ...save, previousMs: record.savedMs });
      const again = await this.#runs?.save(whole);
      if (!again) return saved;
      parts.areLost = false;
      return again;
    } catch (error) {
      // The checkpoint is stored; the next save tries again.
      console.warn("Not all that was stored of the run could be written again:", error);
      return saved;
    }
  }

  /** A snapshot up to the newest checkpoint of a run that is stored. */
  async addSnapshot(
    runId: string,
    snapshot: Snapshot,
    picture: Picture,
  ): Promise<"added" | "runGone" | "failed"> {
    if (!this.#runs) return "failed";
    try {
      if (!(await this.#runs.addSnapshot(runId, snapshot, picture))) return "runGone";
      this.#partsOf(runId)?.add(snapshot);
    } catch (error) {
      this.#setTrouble(messageOf(error));
      return "failed";
    }
    await this.#changed();
    return "added";
  }

  async finish(runId: string, hasStoppedEarly: boolean): Promise<void> {
    await this.#change((runs) => runs.update(runId, { isFinished: true, hasStoppedEarly }));
  }

  /** Deletes the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    await this.#change((runs) => runs.forgetNewest(runId, step));
  }

  async #change(work: (runs: BackedUpRuns) => Promise<void>): Promise<void> {
    if (!this.#runs) return;
    try {
      await work(this.#runs);
      await this.#changed();
    } catch (error) {
      this.#setTrouble(messageOf(error));
    }
  }

  async rename(runId: string, name: string): Promise<void> {
    await this.#opened.update(runId, { name });
    const parts = this.#partsOf(runId);
    if (parts) parts.name = name;
    await this.#changed();
  }

  /** @returns its name, numbered where another run has the same */
  async add(run: WholeRun, onFraction: OnFraction): Promise<string> {
    await this.open();
    const taken = (await this.#opened.list()).map(({ name }) => name);
    const name = uniqueName(run.record.name, taken);
    await this.#opened.add({ ...run, record: { ...run.record, name } }, onFraction);
    await this.#changed();
    return name;
  }

  async delete(runId: string): Promise<void> {
    await this.#opened.delete(runId);
    if (this.#partsOf(runId)) this.#parts = null;
    await this.#changed(runId);
  }

  /** After room was made: restores runs that waited for it in their backup, then completes copies. */
  async useRoom(): Promise<void> {
    await this.#restore(this.#opened);
    await this.list();
    this.#completeBackups();
  }

  async #changed(deletedRunId: string | null = null): Promise<void> {
    this.#tabs.tell(deletedRunId);
    await this.list();
  }

  #setTrouble(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#post({ type: "storageTrouble", message: trouble });
  }
}

function surroundings(): Surroundings {
  const { storage, locks } = globalThis.navigator ?? {};
  return {
    folder: backupFolder,
    locks: locks ?? null,
    async freeBytes() {
      const { quota, usage } = (await storage?.estimate?.()) ?? {};
      return quota === undefined || usage === undefined ? Number.POSITIVE_INFINITY : quota - usage;
    },
  };
}

/**
 * Null without a secure context, where site data are blocked, and in browsers without atomic writes of
 * files, such as Safari before 26.
 */
async function backupFolder(): Promise<FileSystemDirectoryHandle | null> {
  const isAtomic = "createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {});
  if (!isAtomic || !navigator.storage?.getDirectory) return null;
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle("runs", { create: true });
}
