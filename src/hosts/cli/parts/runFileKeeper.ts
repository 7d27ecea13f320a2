import { renameSync, writeFileSync } from "node:fs";
import { messageOf } from "../../../engine/messageOf.ts";
import { withUnsaved } from "../../../runtime/files/exportRun.ts";
import { encodeRunFile } from "../../../runtime/files/runFile.ts";
import type { RunKeeper } from "../../../runtime/run/runRecorder.ts";
import type { Snapshot, WholeRun } from "../../../runtime/storage/records.ts";
import type { SaveOutcome } from "../../../runtime/storage/runLibrary.ts";
import type { Save } from "../../../runtime/storage/saveRun.ts";

/**
 * Stores a run in one file, as the page exports and imports it. Where it cannot be written there is a
 * warning, and the file stays as it was until the next checkpoint.
 */
export class RunFileKeeper implements RunKeeper {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #contents: WholeRun | null;
  /** At the checkpoint before. */
  #before: WholeRun | null = null;

  /** @param contents of the run that goes on; null of a new one */
  constructor(path: string, contents: WholeRun | null, warn: (message: string) => void) {
    this.#path = path;
    this.#contents = contents;
    this.#warn = warn;
  }

  /** What is in the file; null before the first checkpoint. */
  get contents(): WholeRun | null {
    return this.#contents;
  }

  async save(save: Save): Promise<SaveOutcome> {
    const before = this.#contents;
    const after = withUnsaved(before, save);
    if (!this.#write(after)) return "failed";
    this.#before = before;
    return after.record;
  }

  async addSnapshot(_runId: string, snapshot: Snapshot): Promise<"added" | "runGone" | "failed"> {
    if (!this.#contents) return "runGone";
    const snapshots = [...this.#contents.snapshots, snapshot].sort((a, b) => a.step - b.step);
    return this.#write({ ...this.#contents, snapshots }) ? "added" : "failed";
  }

  async finish(_runId: string, hasStoppedEarly: boolean): Promise<void> {
    if (!this.#contents) return;
    const record = { ...this.#contents.record, isFinished: true, hasStoppedEarly };
    this.#write({ ...this.#contents, record });
  }

  async forgetNewest(_runId: string, step: number): Promise<void> {
    if (this.#contents?.record.step === step && this.#before) this.#write(this.#before);
  }

  /** @returns whether it is written */
  #write(contents: WholeRun): boolean {
    try {
      replaceFile(this.#path, encodeRunFile(contents));
    } catch (error) {
      this.#warn(
        `Expected to write ${this.#path}: ${messageOf(error)}. Training goes on, and the next checkpoint tries again.`,
      );
      return false;
    }
    this.#contents = contents;
    return true;
  }
}

/** At once, so that a process that is killed leaves the old or the new one. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}
