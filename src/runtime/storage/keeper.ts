import type { Bytes, KeptRun, UnreadableRun } from "./records.ts";

/**
 * A place where runs are kept: the browser's database, its private files, a file of the command line, memory.
 * A run is kept as a record and, by name, its parts (`parts.ts`), which the record lists. A keeper knows
 * of no other keeper; `Keepers` writes to several of them and reads what any of them still has.
 *
 * A record is only ever there with the parts that were there when it was written: however a write ends, by a
 * full disk or a killed process, the earlier record remains with its parts, or the new one with its own.
 */
export interface Keeper {
  /** What the page calls it within a sentence, such as `the browser’s database`. */
  readonly place: string;

  /** Ids of the runs of which there is anything, be it parts without a record. */
  list(): Promise<string[]>;

  /** A run's record; null where there is none, or only one that was never written to its end. */
  find(runId: string): Promise<KeptRun | UnreadableRun | null>;

  /** Names of the parts of a run that are there, whole or not. */
  parts(runId: string): Promise<ReadonlySet<string>>;

  /** The bytes of a part as they are, which may be damaged; null where there are none or they can't be read. */
  read(runId: string, part: string): Promise<Bytes | null>;

  /**
   * Adds parts, then writes the record, then deletes the parts that it does not list: also those that a write left which
   * was killed.
   *
   * @param onPart called after each part that was added
   * @throws QuotaExceededError where there is no room (`isFull`), another error where it fails otherwise
   */
  write(
    run: KeptRun,
    added: ReadonlyMap<string, Bytes>,
    onPart?: (() => void) | undefined,
  ): Promise<void>;

  /** Deletes a run, or only some of its parts, which its record goes on listing. */
  delete(runId: string, parts?: readonly string[]): Promise<void>;
}

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
