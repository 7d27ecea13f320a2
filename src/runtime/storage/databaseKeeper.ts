import { type Database, keysOf } from "./database.ts";
import type { Keeper } from "./keeper.ts";
import { readKeptRun } from "./readRecord.ts";
import type { Bytes, KeptRun, UnreadableRun } from "./records.ts";

/** Keeps runs in IndexedDB: a table of records, and one of parts. Each write is one transaction. */
export class DatabaseKeeper implements Keeper {
  readonly place = "the browser’s database";
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): Promise<string[]> {
    return this.#database.transaction("readonly", async (transaction) => {
      const ofRecords = await transaction.objectStore("records").getAllKeys();
      const ofParts = await transaction.objectStore("parts").getAllKeys();
      return [...new Set([...ofRecords, ...ofParts.map(([runId]) => runId)])];
    });
  }

  async find(runId: string): Promise<KeptRun | UnreadableRun | null> {
    const stored = await this.#database.transaction("readonly", (transaction) =>
      transaction.objectStore("records").get(runId),
    );
    return stored === undefined ? null : readKeptRun(stored, runId);
  }

  async parts(runId: string): Promise<ReadonlySet<string>> {
    const keys = await this.#database.transaction("readonly", (transaction) =>
      transaction.objectStore("parts").getAllKeys(keysOf(runId)),
    );
    return new Set(keys.map(([, name]) => name));
  }

  async read(runId: string, part: string): Promise<Bytes | null> {
    try {
      const bytes = await this.#database.transaction("readonly", (transaction) =>
        transaction.objectStore("parts").get([runId, part]),
      );
      return bytes ?? null;
    } catch {
      // Chromium keeps large values in files beside the database; where one is gone, reading it fails.
      return null;
    }
  }

  async write(
    { record, ...rest }: KeptRun,
    added: ReadonlyMap<string, Bytes>,
    onPart?: () => void,
  ): Promise<void> {
    const { runId } = record;
    await this.#database.transaction("readwrite", async (transaction) => {
      const parts = transaction.objectStore("parts");
      for (const [name, bytes] of added) {
        await parts.put(bytes, [runId, name]);
        onPart?.();
      }
      await transaction.objectStore("records").put({ ...record, ...rest }, runId);
      for (const [, name] of await parts.getAllKeys(keysOf(runId))) {
        if (!rest.parts.includes(name)) await parts.delete([runId, name]);
      }
    });
  }

  async delete(runId: string, parts?: readonly string[]): Promise<void> {
    await this.#database.transaction("readwrite", async (transaction) => {
      const table = transaction.objectStore("parts");
      for (const name of parts ?? []) await table.delete([runId, name]);
      if (parts) return;
      await transaction.objectStore("records").delete(runId);
      await table.delete(keysOf(runId));
    });
  }
}
