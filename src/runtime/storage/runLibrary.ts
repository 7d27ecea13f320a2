import { messageOf } from "../../engine/messageOf.ts";
import type { Post } from "../run/events.ts";
import type { OnFraction } from "../run/progress.ts";
import { uniqueName } from "../runName.ts";
import type { KeptRuns } from "./keptRuns.ts";
import type { Picture, Snapshot, WholeRun } from "./records.ts";
import type { Save } from "./saves.ts";
import type { TabChannel } from "./tabChannel.ts";

/**
 * The time of the saved record; `runGone` where the run was deleted or trained on in another tab since
 * this one ended it.
 */
export type SaveOutcome = { savedMs: number } | "runGone" | "failed";

/** The runs that are kept, with events of every change for whoever shows them, and for other tabs. */
export class RunLibrary {
  readonly runs: KeptRuns;
  readonly #post: Post;
  readonly #tabs: TabChannel | null;
  /** Why nothing can be saved. */
  #trouble: string | null = null;
  #opening: Promise<void> | null = null;

  /** @param tabs null outside of a browser */
  constructor(post: Post, tabs: TabChannel | null, runs: KeptRuns) {
    this.#post = post;
    this.#tabs = tabs;
    this.runs = runs;
    tabs?.onMessage((deletedRunId) => {
      if (deletedRunId !== null) this.runs.noteRoom();
      this.list();
    });
  }

  /** Posts what is kept, the first time, or why nothing can be. Then brings all places to the same state. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    if (!(await this.list())) {
      // The next save tries again.
      this.#opening = null;
      return;
    }
    // Not awaited: it may take a while, and what is read is the newest anyway.
    this.#settle();
  }

  async #settle(): Promise<void> {
    try {
      const { restored, isChanged } = await this.runs.settle();
      if (restored.length > 0) this.#post({ type: "runsRestored", names: restored });
      if (isChanged) await this.#changed();
    } catch (error) {
      this.#setTrouble(messageOf(error));
    }
  }

  /** @returns whether it could be read */
  async list(): Promise<boolean> {
    try {
      this.#post({ type: "runs", runs: await this.runs.list() });
      return true;
    } catch (error) {
      this.#setTrouble(messageOf(error));
      return false;
    }
  }

  /** Never throws: training goes on. */
  async save(save: Save): Promise<SaveOutcome> {
    await this.open();
    try {
      const saved = await this.runs.save(save);
      if (!saved) return "runGone";
      this.#setTrouble(null);
      const { runId, step, savedMs } = saved.record;
      this.#post({ type: "checkpointSaved", runId, step });
      await this.#changed();
      return { savedMs };
    } catch (error) {
      this.#setTrouble(messageOf(error));
      return "failed";
    }
  }

  /** A snapshot up to the newest checkpoint of a run that is kept. */
  async addSnapshot(
    runId: string,
    snapshot: Snapshot,
    picture: Picture,
  ): Promise<"added" | "runGone" | "failed"> {
    try {
      if (!(await this.runs.addSnapshot(runId, snapshot, picture))) return "runGone";
    } catch (error) {
      this.#setTrouble(messageOf(error));
      return "failed";
    }
    await this.#changed();
    return "added";
  }

  async finish(runId: string, hasStoppedEarly: boolean): Promise<void> {
    await this.#change(() => this.runs.update(runId, { isFinished: true, hasStoppedEarly }));
  }

  /** Deletes the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    await this.#change(() => this.runs.forgetNewest(runId, step));
  }

  async #change(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      await this.#changed();
    } catch (error) {
      this.#setTrouble(messageOf(error));
    }
  }

  async rename(runId: string, name: string): Promise<void> {
    await this.runs.update(runId, { name });
    await this.#changed();
  }

  /** @returns its name, numbered where another run has the same */
  async add(run: WholeRun, onFraction: OnFraction): Promise<string> {
    const taken = (await this.runs.list()).map(({ name }) => name);
    const name = uniqueName(run.record.name, taken);
    await this.runs.add({ ...run, record: { ...run.record, name } }, onFraction);
    await this.#changed();
    return name;
  }

  async delete(runId: string): Promise<void> {
    await this.runs.delete(runId);
    await this.#changed(runId);
  }

  /** After room was made: writes what there was no room for. */
  async useRoom(): Promise<void> {
    this.runs.noteRoom();
    await this.#settle();
  }

  async #changed(deletedRunId: string | null = null): Promise<void> {
    this.#tabs?.tell(deletedRunId);
    await this.list();
  }

  #setTrouble(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#post({ type: "storageTrouble", message: trouble });
  }
}
