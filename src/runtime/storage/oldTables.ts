import { type Database, keysOf, type Transaction } from "./database.ts";
import type { Keeper } from "./keeper.ts";
import { readKeptRun } from "./readRecord.ts";
import type { Bytes, KeptRun, UnreadableRun } from "./records.ts";
import { historyToJson } from "./storedHistory.ts";

const TABLES = ["runs", "checkpoints", "history", "frames"] as const;

/**
 * The tables in which versions before December 2026 kept runs, as a keeper that is only read and emptied:
 * `KeptRuns` moves what it finds here to the others. Parts have the names that those versions gave to files.
 */
export class OldTables implements Keeper {
  readonly place = "the browser’s database";
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<string[]> {
    return this.#in<string[], "readonly">("readonly", [], (tables) =>
      tables.objectStore("runs").getAllKeys(),
    );
  }

  async find(runId: string): Promise<KeptRun | UnreadableRun | null> {
    const stored = await this.#in<unknown, "readonly">("readonly", null, (tables) =>
      tables.objectStore("runs").get(runId),
    );
    return stored ? readKeptRun(stored, runId, [...(await this.parts(runId))]) : null;
  }

  async parts(runId: string): Promise<ReadonlySet<string>> {
    const names = await this.#in<string[], "readonly">("readonly", [], async (tables) => [
      ...(await tables.objectStore("checkpoints").getAllKeys(keysOf(runId))).map(
        ([, step]) => `checkpoint-${step}`,
      ),
      ...(await tables.objectStore("history").getAllKeys(keysOf(runId))).map(
        ([, step]) => `history-${step}`,
      ),
      ...(await tables.objectStore("frames").getAll(keysOf(runId))).map(frameName),
    ]);
    return new Set(names);
  }

  async read(runId: string, part: string): Promise<Bytes | null> {
    const [kind, step] = part.split("-");
    const key: [string, number] = [runId, Number(step)];
    const reading = this.#in<Bytes | null, "readonly">("readonly", null, async (tables) => {
      const checkpoint = await tables.objectStore("checkpoints").get(key);
      if (kind === "checkpoint") return checkpoint?.bytes ?? null;
      const piece = await tables.objectStore("history").get(key);
      if (kind === "history") return piece ? new TextEncoder().encode(historyToJson(piece)) : null;
      const frame = await tables.objectStore("frames").get(key);
      return frame && frameName(frame) === part ? frame.pixels : null;
    });
    return reading.catch(() => null);
  }

  write(): Promise<void> {
    throw new Error("Nothing is written to the tables of earlier versions.");
  }

  async delete(runId: string, parts?: readonly string[]): Promise<void> {
    if (parts) return;
    await this.#in("readwrite", null, async (tables) => {
      await tables.objectStore("runs").delete(runId);
      for (const table of ["checkpoints", "history", "frames"] as const) {
        await tables.objectStore(table).delete(keysOf(runId));
      }
      return null;
    });
  }

  /** What is done with the tables; `otherwise` where the database was never one of version 1. */
  async #in<T, Mode extends IDBTransactionMode>(
    mode: Mode,
    otherwise: T,
    work: (tables: Transaction<Mode>) => Promise<T>,
  ): Promise<T> {
    if (!(await this.#database.hasOldTables())) return otherwise;
    return this.#database.transaction(mode, work, TABLES);
  }
}

function frameName(frame: {
  step: number;
  count: number;
  wallTimeMs: number;
  numFrames?: number;
}): string {
  const { step, count, wallTimeMs, numFrames = 1 } = frame;
  return `frame-${step}-${count}-${wallTimeMs}-${numFrames}`;
}
