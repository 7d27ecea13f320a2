import { type DBSchema, deleteDB, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";
import { StorageError } from "./keeper.ts";
import type { Bytes } from "./records.ts";

const NAME = "diffusion-mnist";
const VERSION = 2;
/** Versions before December 2026 kept here what they had measured of the graphics card. */
const RETIRED = "diffusion-mnist-tiles";

interface Tables extends DBSchema {
  /** Records as they were written; to be read with `readKeptRun`. */
  records: { key: string; value: unknown };
  parts: { key: [runId: string, name: string]; value: Bytes };

  /** The tables of version 1, which `OldTables` reads and empties. */
  runs: { key: string; value: unknown };
  checkpoints: { key: [runId: string, step: number]; value: { bytes: Bytes } };
  history: {
    key: [runId: string, step: number];
    value: { steps: StepReport[]; epochs: EpochReport[] };
  };
  frames: {
    key: [runId: string, step: number];
    value: { step: number; count: number; wallTimeMs: number; numFrames?: number; pixels: Bytes };
  };
}

type TableName = "records" | "parts" | "runs" | "checkpoints" | "history" | "frames";
export type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<
  Tables,
  TableName[],
  Mode
>;

/** The database of runs, which is opened when it is first needed, and again where the browser has closed it. */
export class Database {
  #opening: Promise<IDBPDatabase<Tables>> | null = null;

  /**
   * The result of what is done in one transaction on the tables, or on those of version 1, once that is committed, which
   * means on the disk. Where it fails, nothing is written.
   *
   * @throws StorageError where the database does not open, DOMException where the transaction fails
   */
  async transaction<T, Mode extends IDBTransactionMode>(
    mode: Mode,
    work: (transaction: Transaction<Mode>) => Promise<T>,
    tables: readonly TableName[] = ["records", "parts"],
  ): Promise<T> {
    const begin = async () =>
      (await this.#open()).transaction([...tables], mode, { durability: "strict" });
    const transaction = await begin().catch(async (error) => {
      if (error instanceof StorageError) throw error;
      // The browser may have closed it without a word, as where the site's data were cleared.
      await this.close();
      return begin();
    });
    return completed(transaction, work(transaction));
  }

  /** Whether it was made by version 1, whose tables are then there. */
  async hasOldTables(): Promise<boolean> {
    return (await this.#open()).objectStoreNames.contains("runs");
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.close();
  }

  #open(): Promise<IDBPDatabase<Tables>> {
    this.#opening ??= this.#opened();
    return this.#opening;
  }

  async #opened(): Promise<IDBPDatabase<Tables>> {
    try {
      const opened = await openDB<Tables>(NAME, VERSION, {
        upgrade(database, versionBefore) {
          if (versionBefore >= VERSION) return;
          database.createObjectStore("records");
          database.createObjectStore("parts");
        },
        // A newer version of the page waits for this one to let go.
        blocking: () => void this.close(),
        terminated: () => {
          this.#opening = null;
        },
      });
      deleteDB(RETIRED).catch(() => {});
      return opened;
    } catch (error) {
      this.#opening = null;
      throw new StorageError(openErrorMessage(error), { cause: error });
    }
  }
}

const NO_STORAGE =
  "The browser gives this page no storage (IndexedDB). Private browsing and blocked site data do that: allow data for this page, or open it without private browsing.";

function openErrorMessage(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  if (name === "VersionError") {
    return "The stored runs are of a newer version of this page. Reload it to get that version.";
  }
  if (name === "QuotaExceededError") {
    return "The disk is full, or the browser's share of it. Delete runs, or free space.";
  }
  // Chromium says so of a damaged profile and of a full disk.
  if (name === "UnknownError") {
    return `The browser's database does not open (${message}). Free space on the disk if it is full, and start the browser again.`;
  }
  return `${NO_STORAGE} (${message})`;
}

/** The transaction's own error is thrown first: a full disk is the reason why its requests fail. */
async function completed<T>(
  transaction: { done: Promise<void>; error: DOMException | null; abort(): void },
  work: Promise<T>,
): Promise<T> {
  try {
    const [result] = await Promise.all([work, transaction.done]);
    return result;
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It is over already.
    }
    throw transaction.error ?? error;
  }
}

/** All keys of a table that begin with the run's id. */
export function keysOf(runId: string): IDBKeyRange {
  return IDBKeyRange.bound([runId], [runId, []]);
}
