import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { CheckpointRecord, HistoryRecord, SnapshotRecord } from "./records.ts";

const NAME = "diffusion-mnist";
/** Of the tables; that of a run's record stands in the record (`RECORD_FORMAT`). */
const VERSION = 1;

export interface Tables extends DBSchema {
  /** To be read with `readRecord`. */
  runs: { key: string; value: unknown };
  checkpoints: { key: [runId: string, step: number]; value: CheckpointRecord };
  history: { key: [runId: string, step: number]; value: HistoryRecord };
  /** Snapshots, of which the first versions stored one frame each. */
  frames: { key: [runId: string, step: number]; value: SnapshotRecord };
}
export const TABLES = ["runs", "checkpoints", "history", "frames"] as const;
export type Database = IDBPDatabase<Tables>;

/** The message says why storage cannot be used, and what to do. */
export class StorageError extends Error {
  override name = "StorageError";
}

export class NoRoomError extends StorageError {
  constructor(options?: ErrorOptions) {
    super(
      "The disk, or the browser's share of it, is full, even without older checkpoints. Delete runs or free space on the disk; download what you want to keep.",
      options,
    );
  }
}

export function isFull(error: unknown): boolean {
  if (error instanceof NoRoomError) return true;
  return error instanceof Error && error.name === "QuotaExceededError";
}

/**
 * Opens the database of runs, and creates it the first time.
 *
 * @param onClosed called when it is closed from outside: for a newer version of the page, or when its
 *   data are cleared
 * @throws StorageError when the browser has none for this page, or one of a newer version
 */
export async function openDatabase(onClosed: (reason: string) => void): Promise<Database> {
  try {
    const database = await openDB<Tables>(NAME, VERSION, {
      upgrade(created) {
        created.createObjectStore("runs", { keyPath: "runId" });
        created.createObjectStore("checkpoints", { keyPath: ["runId", "step"] });
        created.createObjectStore("history", { keyPath: ["runId", "step"] });
        created.createObjectStore("frames", { keyPath: ["runId", "step"] });
      },
      blocking() {
        database.close();
        onClosed(
          "Another tab has a newer version of this page. Reload this one to save runs again.",
        );
      },
      terminated() {
        onClosed("The browser closed the storage of this page, or its data were cleared.");
      },
    });
    return database;
  } catch (error) {
    throw new StorageError(openErrorMessage(error), { cause: error });
  }
}

const NO_STORAGE =
  "The browser gives this page no storage (IndexedDB). Private browsing and blocked site data do that: allow data for this page, or open it without private browsing.";

function openErrorMessage(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "VersionError") {
    return "The stored runs are of a newer version of this page. Reload it to get that version.";
  }
  if (name === "QuotaExceededError") {
    return "The disk is full, or the browser's share of it. Delete runs, or free space.";
  }
  return `${NO_STORAGE} (${error instanceof Error ? error.message : String(error)})`;
}

/**
 * The result of the work in a transaction, once it is committed; when the work fails, nothing is written.
 * The transaction's own error is thrown first: a full disk is the reason why requests fail.
 */
export async function completed<T>(
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

/** All records of a run in a table whose keys begin with its id. */
export function keysOf(runId: string): IDBKeyRange {
  return IDBKeyRange.bound([runId], [runId, []]);
}

export function keysUpTo(runId: string, step: number): IDBKeyRange {
  return IDBKeyRange.bound([runId], [runId, step]);
}

export function keysAbove(runId: string, step: number): IDBKeyRange {
  return IDBKeyRange.bound([runId, step], [runId, []], true);
}
