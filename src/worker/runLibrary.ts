import { messageOf } from "../messageOf.ts";
import { uniqueName } from "../runName.ts";
import { KeptRuns } from "../storage/keptRuns.ts";
import type { Picture, Snapshot } from "../storage/records.ts";
import { RunStore } from "../storage/runStore.ts";
import type { Save } from "../storage/saveRun.ts";
import type { WholeRun } from "../storage/wholeRun.ts";
import type { Post } from "./protocol.ts";
import type { OnFraction } from "./runProgress.ts";
import type { TabChannel } from "./tabChannel.ts";

/** The stored runs as the page sees them: every change is told, here and in other tabs. */
export class RunLibrary {
  readonly #post: Post;
  readonly #tabs: TabChannel;
  #runs: KeptRuns | null = null;
  /** Why nothing can be stored. */
  #trouble: string | null = null;
  #opening: Promise<void> | null = null;

  constructor(post: Post, tabs: TabChannel) {
    this.#post = post;
    this.#tabs = tabs;
    tabs.onMessage(() => this.list());
  }

  /** Opens the database, once, and tells the page what is in it, or why there is none. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    try {
      const database = await RunStore.open((reason) => {
        this.#runs = null;
        this.#opening = null;
        this.#tell(reason);
      });
      this.#runs = new KeptRuns(database, await folderForCopies());
      this.#trouble = null;
      const names = await this.#runs.restoreLost();
      if (names.length > 0) this.#post({ type: "runsRestored", names });
      await this.list();
    } catch (error) {
      // The next save tries again.
      this.#opening = null;
      this.#tell(messageOf(error));
    }
  }

  /** @throws Error when there is no storage */
  get store(): RunStore {
    return this.#opened.database;
  }

  get #opened(): KeptRuns {
    if (!this.#runs) throw new Error(this.#trouble ?? "The storage is closed.");
    return this.#runs;
  }

  async list(): Promise<void> {
    try {
      if (this.#runs) this.#post({ type: "runs", runs: await this.#runs.list() });
    } catch (error) {
      this.#tell(`The list of runs cannot be read: ${messageOf(error)}`);
    }
  }

  /**
   * Training goes on whatever becomes of it.
   *
   * @returns whether it is stored
   */
  async save(save: Save): Promise<boolean> {
    await this.open();
    if (!this.#runs) return false;
    try {
      await this.#runs.save(save);
    } catch (error) {
      this.#tell(messageOf(error));
      return false;
    }
    if (this.#trouble !== null) this.#tell(null);
    const { runId, step } = save.run;
    this.#post({ type: "checkpointSaved", runId, step });
    await this.#changed();
    return true;
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
    } catch (error) {
      this.#tell(messageOf(error));
      return "failed";
    }
    await this.#changed();
    return "added";
  }

  async finish(runId: string, hasStoppedEarly: boolean): Promise<void> {
    if (!this.#runs) return;
    try {
      await this.#runs.update(runId, { isFinished: true, hasStoppedEarly });
      await this.#changed();
    } catch (error) {
      this.#tell(messageOf(error));
    }
  }

  /** Forgets the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    if (!this.#runs) return;
    try {
      await this.#runs.forgetNewest(runId, step);
      await this.#changed();
    } catch (error) {
      this.#tell(messageOf(error));
    }
  }

  async rename(runId: string, name: string): Promise<void> {
    await this.#opened.update(runId, { name });
    await this.#changed();
  }

  /** @returns the name that it got: its own, numbered where another run has it */
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
    await this.#changed();
  }

  async #changed(): Promise<void> {
    this.#tabs.tell();
    await this.list();
  }

  #tell(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#post({ type: "storageTrouble", message: trouble });
  }
}

/** Null without a secure context, in old browsers, and where site data are blocked. */
async function folderForCopies(): Promise<FileSystemDirectoryHandle | null> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle("runs", { create: true });
  } catch {
    return null;
  }
}
