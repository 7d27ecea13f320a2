import { messageOf } from "../../engine/messageOf.ts";
import { isFull, type Keeper, NoRoomError, StorageError } from "./keeper.ts";
import { isWholePart, partNamed, promisedBytes } from "./parts.ts";
import { isReadable } from "./readRecord.ts";
import type { Bytes, KeptRun, UnreadableRun } from "./records.ts";

/** A version of a run, in the keeper that has it. */
export interface Version {
  keeper: Keeper;
  run: KeptRun | UnreadableRun;
}

interface KeepersOptions {
  active: readonly Keeper[];
  retired: Iterable<Keeper>;
  memory: Keeper;
  freeBytes: () => Promise<number>;
  onNote: (note: string) => void;
}

/**
 * Several keepers as one place. What is written goes to all of them; of what they have the newest version is read
 * (`order`), each of its parts from whichever keeper has it whole. So what was saved is there as long as one of them
 * still has it, whatever became of the others: they may have lost a run, some of its parts or all, they may have fallen
 * back to what they were an hour ago, they may not open at all.
 *
 * A failing keeper is reported, and the others are used without it. No method takes a lock.
 */
export class Keepers {
  /** Where runs are written, each whole in each; what only one of them can have is in the first. */
  readonly active: readonly Keeper[];
  /** Keepers of earlier versions that are not empty yet: they are only read, and emptied. */
  readonly retired: Set<Keeper>;
  /** Has the run that is trained, all of it, so that parts which a browser has lost come from there. */
  readonly #memory: Keeper;
  readonly #freeBytes: () => Promise<number>;
  readonly #onNote: (note: string) => void;
  /** Runs are not copied whole until something is deleted, or the page is loaded again. */
  isShortOfRoom = false;
  /** Keepers that failed when they were used last. */
  readonly #failing = new Set<Keeper>();
  readonly #warnings = new Map<Keeper, string>();

  constructor(options: KeepersOptions) {
    this.active = options.active;
    this.retired = new Set(options.retired);
    this.#memory = options.memory;
    this.#freeBytes = options.freeBytes;
    this.#onNote = options.onNote;
  }

  // Reading

  /** @throws StorageError where no keeper can be read */
  async runIds(): Promise<ReadonlySet<string>> {
    const runIds = new Set<string>();
    const failures = new Map<Keeper, unknown>();
    for (const keeper of [...this.active, ...this.retired]) {
      const list = await this.attempt(keeper, () => keeper.list(), failures);
      for (const runId of list ?? []) runIds.add(runId);
      // Nothing is written there any more.
      if (list?.length === 0) this.retired.delete(keeper);
    }
    this.#report(failures);
    return runIds;
  }

  /**
   * What the keepers have of a run, the newest first. Those that are `unread` now may have a newer one.
   */
  async versions(
    runId: string,
  ): Promise<{ versions: Version[]; unread: ReadonlyMap<Keeper, unknown> }> {
    const versions: Version[] = [];
    const unread = new Map<Keeper, unknown>();
    for (const keeper of [...this.retired, ...this.active]) {
      const run = await this.attempt(keeper, () => keeper.find(runId), unread);
      if (run) versions.push({ keeper, run });
    }
    return { versions: versions.sort((a, b) => order(a.run, b.run)), unread };
  }

  /** The newest version of each run that can be read. */
  async newestOfAll(): Promise<KeptRun[]> {
    const runs: KeptRun[] = [];
    for (const runId of await this.runIds()) {
      const [newest] = (await this.versions(runId)).versions;
      if (newest && isReadable(newest.run)) runs.push(newest.run);
    }
    return runs;
  }

  /**
   * A part of a version, from the first place that has it whole; null where none has.
   *
   * @param onDamaged told of each keeper that does not have it whole
   * @param added parts of the version that are written just now
   */
  async part(
    run: KeptRun,
    name: string,
    onDamaged: (keeper: Keeper) => void = () => {},
    added: ReadonlyMap<string, Bytes> = new Map(),
  ): Promise<Bytes | null> {
    const given = added.get(name);
    if (given) return given;
    for (const keeper of [this.#memory, ...this.active, ...this.retired]) {
      const bytes = await this.attempt(keeper, () => keeper.read(run.record.runId, name));
      if (bytes && isWholePart(name, bytes, run.record)) return bytes;
      onDamaged(keeper);
    }
    return null;
  }

  // Writing

  /**
   * Writes a version to all keepers.
   *
   * @throws NoRoomError or StorageError where none of them took it
   */
  async write(
    run: KeptRun,
    { added, onPart }: { added: ReadonlyMap<string, Bytes>; onPart?: () => void },
  ): Promise<void> {
    const failures = new Map<Keeper, unknown>();
    let isWritten = false;
    for (const keeper of this.active) {
      // Only a copy can be left out for want of room.
      const bring = () => this.bring(keeper, run, { added, mayCopy: !isWritten, onPart });
      const numBrought = await this.attempt(keeper, bring, failures);
      isWritten ||= numBrought !== null;
    }
    this.#report(failures);
    if (!isWritten) {
      throw new StorageError(
        "A newer version of the run turned out to be stored. Reload the page to see it.",
      );
    }
  }

  /**
   * Writes the version of a run to a keeper, with the parts that it lacks, from wherever they are.
   *
   * @param mayCopy whether more than what is `added` may be written although room is short
   * @param isNewest whether the keeper has this version already, perhaps without some parts
   * @returns how many parts were written; null where that was not to be done, for want of room or of a
   *   whole checkpoint, or since the keeper has a newer version
   */
  async bring(
    keeper: Keeper,
    run: KeptRun,
    {
      added = new Map<string, Bytes>(),
      mayCopy = true,
      isNewest = false,
      onPart,
    }: {
      added?: ReadonlyMap<string, Bytes>;
      mayCopy?: boolean;
      isNewest?: boolean;
      onPart?: (() => void) | undefined;
    } = {},
  ): Promise<number | null> {
    const { runId } = run.record;
    const [there, found] = [await keeper.parts(runId), await keeper.find(runId)];
    // A newer version that could not be read a moment ago is not written over.
    if (found && order(found, run) < 0) return null;
    // What no record lists may be what a killed page left of a file.
    const listed = new Set(found && isReadable(found) ? found.parts : []);
    const missing = run.parts.filter((name) => !there.has(name) || !listed.has(name));
    const isBehind = missing.some((name) => !added.has(name));
    if (isBehind && !mayCopy && !(await this.#hasRoomFor(missing))) return null;
    const parts = new Map<string, Bytes>();
    for (const name of missing) {
      const bytes = await this.part(run, name, undefined, added);
      if (bytes) parts.set(name, bytes);
    }
    if (isNewest && parts.size === 0) return 0;
    const isLast = (name: string) => isCheckpoint(name) && !run.parts.includes(name);
    if ([...there].some(isLast) && !(await this.#hasCheckpoint(run, added))) return null;
    await keeper.write(run, parts, onPart);
    return parts.size;
  }

  /** Whether some checkpoint of the version is whole somewhere. */
  async #hasCheckpoint(run: KeptRun, added: ReadonlyMap<string, Bytes>): Promise<boolean> {
    for (const name of run.parts.filter(isCheckpoint).toReversed()) {
      if (await this.part(run, name, undefined, added)) return true;
    }
    return false;
  }

  /** A second copy is to leave room for the next save, which else would have to delete it again. */
  async #hasRoomFor(parts: readonly string[]): Promise<boolean> {
    return !this.isShortOfRoom && (await this.#freeBytes()) >= 2 * promisedBytes(parts);
  }

  // Telling

  /** Null where a keeper fails, which is logged, once where it goes on failing in the same way. */
  async attempt<T>(
    keeper: Keeper,
    work: () => Promise<T>,
    failures?: Map<Keeper, unknown>,
  ): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      failures?.set(keeper, error);
      const warning = `A run could not be read from or written to ${keeper.place}: ${messageOf(error)}`;
      if (this.#warnings.get(keeper) !== warning) console.warn(warning);
      this.#warnings.set(keeper, warning);
      return null;
    }
  }

  /**
   * Tells of keepers that failed although they have room, each once until it works again.
   *
   * @throws NoRoomError or StorageError where all failed
   */
  #report(failures: ReadonlyMap<Keeper, unknown>): void {
    const working = this.active.filter((keeper) => !failures.has(keeper));
    if (working.length === 0) {
      const all = [...failures.values()];
      const [cause] = all;
      if (all.some(isFull)) throw new NoRoomError({ cause: all.find(isFull) });
      if (cause instanceof StorageError) throw cause;
      throw new StorageError(
        cause === undefined
          ? "There is no place to keep runs."
          : `Runs could not be read or saved (${messageOf(cause)}).`,
        { cause },
      );
    }
    for (const keeper of working) this.#failing.delete(keeper);
    for (const [keeper, error] of failures) {
      if (isFull(error)) this.noteShortOfRoom();
      // A private window may have no files: that is no fault.
      const isRefused = Object(error).name === "SecurityError";
      if (isFull(error) || isRefused || this.#failing.has(keeper)) continue;
      this.#failing.add(keeper);
      const places = working.map(({ place }) => place).join(" and ");
      const reason =
        error instanceof StorageError
          ? error.message
          : `Runs could not be kept in ${keeper.place} (${messageOf(error)}).`;
      this.#onNote(
        `${reason} For now they are kept in ${places} alone: export what you do not want to lose.`,
      );
    }
  }

  /** Copies are no longer written; it is told once. */
  noteShortOfRoom(): void {
    if (this.isShortOfRoom) return;
    this.isShortOfRoom = true;
    this.#onNote(
      "There is little room left, so runs are now saved once instead of twice. Delete runs that you do not need, or free space on the disk.",
    );
  }
}

/**
 * Sorts versions of a run: first what a newer version of the page has written, then the one that was saved last and, of
 * the same save, changed last, as by a rename. A change alone makes no version newer than a later save, which may be in a keeper that
 * could not be read when the change was made.
 */
export function order(a: KeptRun | UnreadableRun, b: KeptRun | UnreadableRun): number {
  const rank = (run: KeptRun | UnreadableRun) => {
    if (isReadable(run)) return [1, run.record.savedMs, run.changedMs] as const;
    return [run.isNewer ? 2 : 0, 0, 0] as const;
  };
  const [ofA, ofB] = [rank(a), rank(b)];
  return ofB[0] - ofA[0] || ofB[1] - ofA[1] || ofB[2] - ofA[2];
}

export function isVersion(run: KeptRun | UnreadableRun, changedMs: number): boolean {
  return isReadable(run) && run.changedMs === changedMs;
}

function isCheckpoint(name: string): boolean {
  return partNamed(name)?.kind === "checkpoint";
}
