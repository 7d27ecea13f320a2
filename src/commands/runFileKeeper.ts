import { renameSync, writeFileSync } from "node:fs";
import { bestCheckpoint, keptCheckpoints } from "../storage/keptCheckpoints.ts";
import type { Snapshot } from "../storage/records.ts";
import type { Save } from "../storage/saveRun.ts";
import { withUnsaved } from "../worker/exportRun.ts";
import { encodeRunFile, type RunContents } from "../worker/runFile.ts";
import type { RunKeeper } from "../worker/runRecorder.ts";

/** Keeps a run in one file, the one that the page exports and imports; whole at every moment. */
export class RunFileKeeper implements RunKeeper {
  readonly #path: string;
  #contents: RunContents | null;
  /** As it was a checkpoint earlier. */
  #before: RunContents | null = null;

  /** @param contents of the run that goes on; null of a new one */
  constructor(path: string, contents: RunContents | null) {
    this.#path = path;
    this.#contents = contents;
  }

  async save(save: Save): Promise<boolean> {
    this.#before = this.#contents;
    this.#contents = withBest(withUnsaved(this.#contents, save), this.#contents);
    this.#write();
    return true;
  }

  async addSnapshot(_runId: string, snapshot: Snapshot): Promise<"added" | "runGone"> {
    if (!this.#contents) return "runGone";
    const snapshots = [...this.#contents.snapshots, snapshot].sort((a, b) => a.step - b.step);
    this.#contents = { ...this.#contents, snapshots };
    this.#write();
    return "added";
  }

  async finish(_runId: string, hasStoppedEarly: boolean): Promise<void> {
    if (!this.#contents) return;
    const record = { ...this.#contents.record, isFinished: true, hasStoppedEarly };
    this.#contents = { ...this.#contents, record };
    this.#write();
  }

  async forgetNewest(_runId: string, step: number): Promise<void> {
    if (this.#contents?.record.step !== step || !this.#before) return;
    this.#contents = this.#before;
    this.#write();
  }

  /** Beside it first: a process that is killed leaves the old file or the new one. */
  #write(): void {
    if (!this.#contents) return;
    const half = `${this.#path}.part`;
    writeFileSync(half, encodeRunFile(this.#contents));
    renameSync(half, this.#path);
  }
}

/** With the checkpoint of the best epoch besides the newest, and pointers to these two. */
function withBest(after: RunContents, before: RunContents | null): RunContents {
  const { checkpoints, step } = after.record;
  const best = bestCheckpoint(checkpoints);
  const isBest = best?.step === step;
  // Of the two that the file had before, it is one.
  const bytes = best?.step === before?.record.step ? before?.newest : before?.best;
  return {
    ...after,
    best: best && !isBest ? (bytes ?? null) : null,
    record: {
      ...after.record,
      checkpoints: keptCheckpoints(checkpoints, 1),
      bestValidationLoss: best?.validationLoss ?? null,
    },
  };
}
