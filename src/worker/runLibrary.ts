import { messageOf } from "../messageOf.ts";
import type { EvolutionFrame, Picture } from "../storage/records.ts";
import { RunStore } from "../storage/runStore.ts";
import type { Save } from "../storage/saveRun.ts";
import type { WholeRun } from "../storage/wholeRun.ts";
import type { Post } from "./protocol.ts";
import type { TabChannel } from "./tabChannel.ts";

/** The stored runs as the page sees them: every change is told, here and in other tabs. */
export class RunLibrary {
  readonly #post: Post;
  readonly #tabs: TabChannel;
  #store: RunStore | null = null;
  /** Why nothing can be stored. */
  #trouble: string | null = "The storage is not open yet.";
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
      this.#store = await RunStore.open(await folderForCopies(), (reason) => {
        this.#store = null;
        this.#opening = null;
        this.#tell(reason);
      });
      this.#trouble = null;
      const names = await this.#store.restoreLost();
      if (names.length > 0) this.#post({ type: "runsRestored", names });
      await this.list();
    } catch (error) {
      this.#tell(messageOf(error));
    }
  }

  /** @throws Error when there is no storage */
  get store(): RunStore {
    if (!this.#store) throw new Error(this.#trouble ?? "The storage is closed.");
    return this.#store;
  }

  async list(): Promise<void> {
    try {
      if (this.#store) this.#post({ type: "runs", runs: await this.#store.list() });
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
    if (!this.#store) return false;
    try {
      await this.#store.save(save);
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

  /** @returns whether they are stored */
  async addFrames(
    runId: string,
    frames: readonly EvolutionFrame[],
    picture: Picture | null,
  ): Promise<boolean> {
    if (!this.#store) return false;
    try {
      await this.#store.addFrames(runId, frames, picture);
      await this.#changed();
      return true;
    } catch (error) {
      this.#tell(messageOf(error));
      return false;
    }
  }

  async finish(runId: string, hasStoppedEarly: boolean): Promise<void> {
    if (!this.#store) return;
    try {
      await this.#store.update(runId, { isFinished: true, hasStoppedEarly });
      await this.#changed();
    } catch (error) {
      this.#tell(messageOf(error));
    }
  }

  /** Forgets the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    if (!this.#store) return;
    try {
      await this.#store.forgetNewest(runId, step);
      await this.#changed();
    } catch (error) {
      this.#tell(messageOf(error));
    }
  }

  async rename(runId: string, name: string): Promise<void> {
    await this.store.update(runId, { name });
    await this.#changed();
  }

  async add(run: WholeRun): Promise<void> {
    await this.open();
    await this.store.add(run);
    await this.#changed();
  }

  async delete(runId: string): Promise<void> {
    await this.store.delete(runId);
    await this.#changed();
  }

  async #changed(): Promise<void> {
    this.#tabs.tell();
    await this.list();
  }

  #tell(trouble: string | null): void {
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
