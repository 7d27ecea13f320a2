import { statSync } from "node:fs";
import { messageOf } from "../../../engine/messageOf.ts";
import { encodeRunFile } from "../../../runtime/files/runFile.ts";
import { type Keeper, StorageError } from "../../../runtime/storage/keeper.ts";
import { KeptRuns } from "../../../runtime/storage/keptRuns.ts";
import { readWholeRun } from "../../../runtime/storage/readRun.ts";
import type { Bytes, KeptRun, WholeRun } from "../../../runtime/storage/records.ts";
import { RunLibrary } from "../../../runtime/storage/runLibrary.ts";
import { versionOf } from "../../../runtime/storage/saves.ts";
import { replaceFile } from "./outputFiles.ts";

/**
 * Keeps one run in a file, as the page exports and imports it: with its newest checkpoint and the best one. What is
 * in the file is in memory, too, and read from there.
 */
export class RunFileKeeper implements Keeper {
  readonly place: string;
  #run: KeptRun | null = null;
  #parts: ReadonlyMap<string, Bytes> = new Map();
  /** What tells the file from one that something else has written. */
  #stamp: string | null;

  /** @param contents of the file; null where there is none yet */
  constructor(path: string, contents: WholeRun | null) {
    this.place = path;
    this.#stamp = contents && stampOf(path);
    if (!contents) return;
    const { run, added } = versionOf(contents, contents.record.savedMs);
    [this.#run, this.#parts] = [run, added];
  }

  async list(): Promise<string[]> {
    return this.#run ? [this.#run.record.runId] : [];
  }

  async find(runId: string): Promise<KeptRun | null> {
    return this.#run?.record.runId === runId ? this.#run : null;
  }

  async parts(runId: string): Promise<ReadonlySet<string>> {
    return new Set((await this.find(runId)) ? this.#parts.keys() : []);
  }

  async read(runId: string, part: string): Promise<Bytes | null> {
    return ((await this.find(runId)) && this.#parts.get(part)) ?? null;
  }

  /** @throws StorageError where the file is not what this command left, or cannot be written */
  async write(run: KeptRun, added: ReadonlyMap<string, Bytes>): Promise<void> {
    const path = this.place;
    if (this.#run && !(await this.find(run.record.runId))) {
      throw new StorageError(`Expected ${path} to have no run yet, but it has another one.`);
    }
    const stamp = stampOf(path);
    if (stamp !== null && stamp !== this.#stamp) {
      throw new StorageError(
        `Expected ${path} as this command left it, but something else has written it since. Move that file away.`,
      );
    }
    const parts = new Map([...this.#parts, ...added].filter(([name]) => run.parts.includes(name)));
    const whole = await readWholeRun(run, async (_, name) => parts.get(name) ?? null);
    try {
      replaceFile(path, encodeRunFile(whole));
    } catch (error) {
      throw new StorageError(messageOf(error), { cause: error });
    }
    this.#stamp = stampOf(path);
    [this.#run, this.#parts] = [run, parts];
  }

  /** The file itself stays: it is the user's. */
  async delete(runId: string, parts?: readonly string[]): Promise<void> {
    if (!(await this.find(runId))) return;
    const isKept = (name: string) => parts !== undefined && !parts.includes(name);
    this.#parts = new Map([...this.#parts].filter(([name]) => isKept(name)));
    if (!parts) this.#run = null;
  }
}

/**
 * A library of the run in the file.
 *
 * @param warn told where it could not be written; the file then stays as it was until the next checkpoint
 */
export function fileLibrary(file: RunFileKeeper, warn: (message: string) => void): RunLibrary {
  return new RunLibrary(
    (event) => {
      if (event.type !== "storageTrouble" || event.message === null) return;
      warn(`${event.message} Training goes on, and the next checkpoint tries again.`);
    },
    null,
    new KeptRuns({ keepers: [file], onNote: warn }),
  );
}

/** Null where there is no file. */
function stampOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? [stats.dev, stats.ino, stats.size, stats.mtimeMs].join(" ") : null;
}
