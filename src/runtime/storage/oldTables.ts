import { type Database, keysOf, type TableName } from "./database.ts";
import type { Keeper } from "./keeper.ts";
import { readKeptRun } from "./readRecord.ts";
import type { Bytes, KeptRun, UnreadableRun } from "./records.ts";
import { historyToJson } from "./storedHistory.ts";

const TABLES = ["runs", "checkpoints", "history", "frames"] as const satisfies TableName[];

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
    if (!(await this.#database.has("runs"))) return [];
    return this.#database.transaction(TABLES, "readonly", (transaction) =>
      transaction.objectStore("runs").getAllKeys(),
    );
  }

  async find(runId: string): Promise<KeptRun | UnreadableRun | null> {
    if (!(await this.#database.has("runs"))) return null;
    const stored = await this.#database.transaction(TABLES, "readonly", (transaction) =>
      transaction.objectStore("runs").get(runId),
    );
    if (stored === undefined) return null;
    return readKeptRun(stored, runId, [...(await this.parts(runId))]);
  }

  async parts(runId: string): Promise<ReadonlySet<string>> {
    if (!(await this.#database.has("runs"))) return new Set();
    return this.#database.transaction(TABLES, "readonly", async (transaction) => {
      const keys = keysOf(runId);
      const checkpoints = await transaction.objectStore("checkpoints").getAllKeys(keys);
      const pieces = await transaction.objectStore("history").getAllKeys(keys);
      const frames = await transaction.objectStore("frames").getAll(keys);
      return new Set([
        ...checkpoints.map(([, step]) => `checkpoint-${step}`),
        ...pieces.map(([, step]) => `history-${step}`),
        ...frames.map(frameName),
      ]);
    });
  }

  async read(runId: string, part: string): Promise<Bytes | null> {
    const [kind, step] = part.split("-");
    const key: [string, number] = [runId, Number(step)];
    try {
      return await this.#database.transaction(TABLES, "readonly", async (transaction) => {
        if (kind === "checkpoint") {
          return (await transaction.objectStore("checkpoints").get(key))?.bytes ?? null;
        }
        if (kind === "history") {
          const piece = await transaction.objectStore("history").get(key);
          return piece ? new TextEncoder().encode(historyToJson(piece)) : null;
        }
        const frame = await transaction.objectStore("frames").get(key);
        return frame && frameName(frame) === part ? frame.pixels : null;
      });
    } catch {
      return null;
    }
  }

  write(): Promise<void> {
    throw new Error("Nothing is written to the tables of earlier versions.");
  }

  async delete(runId: string, parts?: readonly string[]): Promise<void> {
    if (parts || !(await this.#database.has("runs"))) return;
    await this.#database.transaction(TABLES, "readwrite", async (transaction) => {
      await transaction.objectStore("runs").delete(runId);
      for (const table of ["checkpoints", "history", "frames"] as const) {
        await transaction.objectStore(table).delete(keysOf(runId));
      }
    });
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
