import { messageOf } from "../../engine/messageOf.ts";
import { bestCheckpoint } from "./checkpoints.ts";
import { isFull, type Keeper, NoRoomError, StorageError } from "./keeper.ts";
import { type Locks, withLock } from "./locks.ts";
import { MemoryKeeper } from "./memoryKeeper.ts";
import { isWholePart, partNamed, promisedBytes, snapshotPart } from "./parts.ts";
import { isReadable } from "./readRecord.ts";
import {
  checkpointName,
  type FoundCheckpoint,
  newestCheckpoint,
  noCheckpoint,
  snapshotSteps,
} from "./readRun.ts";
import type {
  Bytes,
  KeptRun,
  Picture,
  RunChanges,
  RunRecord,
  Snapshot,
  UnreadableRun,
  WholeRun,
} from "./records.ts";
import { deleteCopies, deleteOlderCheckpoints } from "./room.ts";
import { runAfter, type Save, versionOf } from "./saves.ts";

/** Held by the tab that changes runs. */
const LOCK = "diffusion-mnist-storage";

/** Chromium deletes what it is told to after two seconds, or ten when there is more to come. */
const WAITS_MS = [0, 2500, 5000];

export interface KeptRunsOptions {
  /** Where runs are written, each whole in each; what only one of them can have is in the first. */
  keepers: readonly Keeper[];
  /** Where earlier versions kept runs, which are moved to the keepers. */
  retired?: readonly Keeper[];
  /** Null where there are none, as in Node. */
  locks?: Locks | null;
  /** Bytes that may still be written, about; infinite where nobody tells. */
  freeBytes?: () => Promise<number>;
  wait?: (ms: number) => Promise<void>;
  /** Told in a sentence what the user should know: what was deleted for room, what does not work. */
  onNote?: (note: string) => void;
}

/** A version of a run, in the keeper that has it. */
interface Version {
  keeper: Keeper;
  run: KeptRun | UnreadableRun;
}

/**
 * The runs, kept in several places at once by one rule: every change is written to all keepers, and of what they have
 * the newest version is read (`order`), each of its parts from whichever keeper has it whole. So what was saved is there
 * as long as one of them still has it, whatever became of the others: they may have lost a run, some of its parts or
 * all, they may have fallen back to what they were an hour ago, they may not open at all. `settle` then brings them to
 * the same state again.
 *
 * The run that is trained is held in memory besides: what a browser has lost of it is written again with the next save.
 */
export class KeptRuns {
  readonly #keepers: readonly Keeper[];
  /** Keepers of earlier versions that are not empty yet. */
  readonly #retired: Set<Keeper>;
  readonly #memory = new MemoryKeeper();
  /** Whether what is held is no longer the run that is kept under its id: that was deleted, or trained on elsewhere. */
  #isHeldAside = false;
  readonly #locks: Locks | null;
  readonly #freeBytes: () => Promise<number>;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #onNote: (note: string) => void;
  /** Runs are not copied whole until something is deleted, or the page is loaded again. */
  #isShortOfRoom = false;
  /** What the user was told of deletions for want of room; a deletion of the same kind is not told with each save. */
  readonly #toldDeleted = new Set<string>();
  /** Keepers that failed when they were used last. */
  readonly #failing = new Set<Keeper>();
  readonly #warnings = new Map<Keeper, string>();
  /** What is done under the lock comes one after the other also where the browser has no locks. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: KeptRunsOptions) {
    this.#keepers = options.keepers;
    this.#retired = new Set(options.retired);
    this.#locks = options.locks ?? null;
    this.#freeBytes = options.freeBytes ?? (async () => Number.POSITIVE_INFINITY);
    this.#wait = options.wait ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
    this.#onNote = options.onNote ?? (() => {});
  }

  // Reading

  /**
   * All runs, the one saved last first; those that cannot be read say why, last.
   *
   * @throws StorageError where no keeper can be read
   */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    const runs: (RunRecord | UnreadableRun)[] = [];
    for (const runId of await this.#runIds()) {
      const { versions } = await this.#versions(runId);
      const [newest] = versions;
      if (!newest) continue;
      const sizes = versions.map(({ run }) => (isReadable(run) ? sizeOf(run) : 0));
      const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
      const { run } = newest;
      runs.push(isReadable(run) ? { ...run.record, totalBytes } : run);
    }
    const savedMs = (run: RunRecord | UnreadableRun) => (isReadable(run) ? run.savedMs : 0);
    return runs.sort((a, b) => savedMs(b) - savedMs(a));
  }

  /** @throws StorageError where the run is not kept or cannot be read */
  async read(runId: string): Promise<KeptRun> {
    return this.#readable((await this.#versions(runId)).versions);
  }

  /**
   * A run at its newest checkpoint that is whole, of the newest version that has one; `numLost` steps before the one that
   * was saved last.
   *
   * @param decoderOf gives what decodes the checkpoints of the run, and throws where bytes are none
   * @throws StorageError where no checkpoint is whole
   */
  async open<T>(
    runId: string,
    decoderOf: (record: RunRecord) => (bytes: Bytes) => T,
  ): Promise<FoundCheckpoint<T> & { run: KeptRun; numLost: number }> {
    const { versions } = await this.#versions(runId);
    const newest = await this.#readable(versions);
    for (const { run } of versions) {
      if (!isReadable(run)) continue;
      const found = await newestCheckpoint(run, this.part, decoderOf(run.record));
      if (found) return { ...found, run, numLost: newest.record.step - found.pointer.step };
    }
    throw noCheckpoint(newest);
  }

  /**
   * A part of a run, from the first place that has it whole; null where none has. Where another one has it damaged, it
   * is mended.
   */
  readonly part = async (run: KeptRun, name: string): Promise<Bytes | null> => {
    const { runId } = run.record;
    const damagedIn: Keeper[] = [];
    const bytes = await this.#part(run, name, (keeper) => damagedIn.push(keeper));
    if (!bytes) return null;
    const toMend = this.#keepers.filter((keeper) => damagedIn.includes(keeper));
    for (const keeper of toMend) {
      await this.#exclusively(async () => {
        const there = await this.#attempt(keeper, () => keeper.find(runId));
        if (!there || !isReadable(there) || !there.parts.includes(name)) return;
        await this.#attempt(keeper, () => keeper.write(there, new Map([[name, bytes]])));
      });
    }
    return bytes;
  };

  /** The version that is held in memory of the run that this tab trains or has trained; null of any other. */
  held(runId: string): Promise<KeptRun | null> {
    return this.#memory.find(runId);
  }

  // Changing

  /**
   * Saves a run at a checkpoint. Where there is no room for it, older checkpoints are deleted: first its own, then second
   * copies of other runs, then older checkpoints of those; of each run the newest and the best stay.
   *
   * @returns null where the run is not this tab's to save (see `Save.claim`)
   * @throws NoRoomError when there is no room even so, StorageError when it fails otherwise: what was kept before is
   *   still there, and the save is held in memory
   */
  async save(save: Save): Promise<KeptRun | null> {
    return this.#exclusively(async () => {
      const { runId } = save.run;
      const { kept, newest, newer, unread } = await this.#newest(runId);
      const held = await this.#memory.find(runId);
      // What is held may have been written meanwhile, with another change.
      const ours = [save.previousMs, ...(held && !this.#isHeldAside ? [held.record.savedMs] : [])];
      const isUnchanged = ours.includes(kept?.record.savedMs ?? null);
      const isOurs = save.claim === "always" || (save.claim === "ifUnchanged" && isUnchanged);
      const before = isOurs ? newest : held;
      const [cause] = unread.values();
      // Without what the run went on from, its history before that would be lost.
      if (cause !== undefined && (before?.record.step ?? 0) < save.afterStep) {
        throw new StorageError(`The run could not be read (${messageOf(cause)}).`, { cause });
      }
      const { run, added } = runAfter(before, save, laterThan(newest, kept, held));
      await this.#hold(run, added);
      this.#isHeldAside = !isOurs;
      if (!isOurs) return null;
      if (newer) throw unreadable(newer);
      await this.#writeMakingRoom(run, added, unread);
      return run;
    });
  }

  /** @throws StorageError where the run is not kept, or it cannot be written */
  async update(runId: string, changes: RunChanges): Promise<void> {
    const isKept = await this.#change(runId, ({ record, ...run }) => {
      return { run: { ...run, record: { ...record, ...changes } } };
    });
    if (!isKept) throw notKept();
  }

  /**
   * Adds a snapshot up to the run's checkpoint that was finished after that was saved.
   *
   * @param picture becomes the run's, unless a later snapshot is kept
   * @returns false where the run was deleted, and nothing is kept
   */
  async addSnapshot(runId: string, snapshot: Snapshot, picture: Picture | null): Promise<boolean> {
    return this.#change(runId, ({ record, parts, ...run }) => {
      const [name, bytes] = snapshotPart(snapshot);
      const steps = snapshotSteps({ record, parts, ...run }, Number.POSITIVE_INFINITY);
      const isLater = steps.some((step) => step > snapshot.step);
      return {
        run: {
          ...run,
          parts: [...parts.filter((other) => !isSnapshotAt(other, snapshot.step)), name],
          record: { ...record, picture: isLater ? record.picture : picture },
        },
        added: new Map([[name, bytes]]),
      };
    });
  }

  /** Deletes the newest checkpoint if it is of this step, and not the only one. */
  async forgetNewest(runId: string, step: number): Promise<void> {
    await this.#change(runId, (run) => {
      const checkpoints = run.record.checkpoints.slice(0, -1);
      const [newest, before] = [run.record.checkpoints.at(-1), checkpoints.at(-1)];
      if (newest?.step !== step || !before) return null;
      const name = checkpointName(run, newest);
      const record: RunRecord = {
        ...run.record,
        checkpoints,
        step: before.step,
        numEpochs: before.numEpochs,
        bestValidationLoss: bestCheckpoint(checkpoints)?.validationLoss ?? null,
      };
      return { run: { ...run, record, parts: run.parts.filter((part) => part !== name) } };
    });
  }

  /**
   * Keeps a run that comes from elsewhere, with an id of its own.
   *
   * @throws NoRoomError when there is no room for it, StorageError when it fails otherwise
   */
  async add(whole: WholeRun, onFraction: (fraction: number) => void = () => {}): Promise<void> {
    const { run, added } = versionOf(whole, laterThan(null));
    const numParts = added.size * this.#keepers.length;
    let numWritten = 0;
    const onPart = () => onFraction(++numWritten / numParts);
    await this.#exclusively(() => this.#write(run, { added, onPart }));
  }

  /** @throws the error of a keeper that still has the run */
  async delete(runId: string): Promise<void> {
    await this.#exclusively(async () => {
      // The first keeper last: as long as the run is there, it is whole.
      for (const keeper of [...this.#retired, ...this.#keepers.toReversed()]) {
        // A keeper that does not open is told what it has missed by nobody: there the run may come back.
        if (await this.#attempt(keeper, () => keeper.list())) await keeper.delete(runId);
      }
    });
    this.noteRoom();
  }

  /** Something was deleted, here or in another tab: there may be room for second copies again. */
  noteRoom(): void {
    this.#isShortOfRoom = false;
    this.#toldDeleted.clear();
  }

  // Keeping the keepers equal

  /**
   * Brings all keepers to the newest version of each run, as far as there is room, and moves runs out of the retired ones.
   *
   * @returns the names of runs that the first keeper had lost, or had an older version of
   */
  async settle(): Promise<{ restored: string[]; isChanged: boolean }> {
    const restored: string[] = [];
    let isChanged = false;
    for (const runId of await this.#runIds()) {
      await this.#exclusively(async () => {
        const { versions, unread } = await this.#versions(runId);
        const [newest] = versions;
        if (!newest && unread.size === 0) await this.#clear(runId);
        if (!newest) return;
        // What a newer version of the page has written is left to it.
        if (!isReadable(newest.run)) return;
        const { run } = newest;
        const isMoved = versions.some(
          (version) => this.#retired.has(version.keeper) && isVersion(version.run, run.changedMs),
        );
        for (const [i, keeper] of this.#keepers.entries()) {
          const there = versions.find((version) => version.keeper === keeper)?.run ?? null;
          const isNewest = there !== null && isVersion(there, run.changedMs);
          const bring = () => this.#bring(keeper, run, { mayCopy: i === 0 || isMoved, isNewest });
          const failures = new Map<Keeper, unknown>();
          const numBrought = await this.#attempt(keeper, bring, failures);
          if (isFull(failures.get(keeper))) this.#noteShortOfRoom();
          if (numBrought === null) continue;
          isChanged ||= !isNewest || numBrought > 0;
          if (i === 0 && !isNewest && !isMoved) restored.push(run.record.name);
        }
        for (const keeper of this.#retired) {
          if (!unread.has(keeper)) await this.#attempt(keeper, () => this.#retire(keeper, run));
        }
      });
    }
    return { restored, isChanged };
  }

  /** Deletes a run in a retired keeper once those that have the version have all of its parts that it still lists. */
  async #retire(keeper: Keeper, { record: { runId }, parts, changedMs }: KeptRun): Promise<void> {
    const isBrought = new Set<string>();
    for (const other of this.#keepers) {
      const found = await other.find(runId);
      if (!found || !isVersion(found, changedMs)) continue;
      for (const name of await other.parts(runId)) isBrought.add(name);
    }
    const names = [...(await keeper.parts(runId))].filter((name) => parts.includes(name));
    if (names.every((name) => isBrought.has(name))) await keeper.delete(runId);
  }

  /** Deletes what is left of a run without a record: one that was deleted, or never written to its end. */
  async #clear(runId: string): Promise<void> {
    for (const keeper of this.#keepers) await this.#attempt(keeper, () => keeper.delete(runId));
  }

  // Below here no lock is taken: it is held, or not needed.

  /** @throws StorageError where no keeper can be read */
  async #runIds(): Promise<ReadonlySet<string>> {
    const runIds = new Set<string>();
    const failures = new Map<Keeper, unknown>();
    for (const keeper of [...this.#keepers, ...this.#retired]) {
      const list = await this.#attempt(keeper, () => keeper.list(), failures);
      for (const runId of list ?? []) runIds.add(runId);
      // Nothing is written there any more.
      if (list?.length === 0) this.#retired.delete(keeper);
    }
    this.#report(failures);
    return runIds;
  }

  /**
   * Tells of keepers that failed although they have room, each once until it works again.
   *
   * @throws NoRoomError or StorageError where all failed
   */
  #report(failures: ReadonlyMap<Keeper, unknown>): void {
    const working = this.#keepers.filter((keeper) => !failures.has(keeper));
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
      if (isFull(error)) this.#noteShortOfRoom();
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

  #noteShortOfRoom(): void {
    if (this.#isShortOfRoom) return;
    this.#isShortOfRoom = true;
    this.#onNote(
      "There is little room left, so runs are now saved once instead of twice. Delete runs that you do not need, or free space on the disk.",
    );
  }

  /**
   * What the keepers have of a run, the newest first. Those that are `unread` now may have a newer one.
   */
  async #versions(
    runId: string,
  ): Promise<{ versions: Version[]; unread: ReadonlyMap<Keeper, unknown> }> {
    const versions: Version[] = [];
    const unread = new Map<Keeper, unknown>();
    for (const keeper of [...this.#retired, ...this.#keepers]) {
      const run = await this.#attempt(keeper, () => keeper.find(runId), unread);
      if (run) versions.push({ keeper, run });
    }
    return { versions: versions.sort((a, b) => order(a.run, b.run)), unread };
  }

  /**
   * The newest version that is kept, and the newest of all, which may be held in memory alone; or `newer`, what a newer
   * version of the page has written, which is left to it.
   */
  async #newest(runId: string): Promise<{
    /** Whether there is a version, be it one that cannot be read. */
    isThere: boolean;
    kept: KeptRun | null;
    newest: KeptRun | null;
    newer: UnreadableRun | null;
    /** Keepers that may have a newer version. */
    unread: ReadonlyMap<Keeper, unknown>;
  }> {
    const { versions, unread } = await this.#versions(runId);
    const [first] = versions;
    const kept = first && isReadable(first.run) ? first.run : null;
    const held = this.#isHeldAside ? null : await this.#memory.find(runId);
    const isHeldNewer = held && (!kept || order(held, kept) < 0);
    const newer = first && !isReadable(first.run) && first.run.isNewer ? first.run : null;
    const isThere = first !== undefined;
    return { isThere, kept, newest: isHeldNewer ? held : kept, newer, unread };
  }

  /** @throws StorageError where there is none, it cannot be read, or no keeper can */
  async #readable([newest]: readonly Version[]): Promise<KeptRun> {
    if (!newest) {
      await this.#runIds();
      throw notKept();
    }
    if (!isReadable(newest.run)) throw unreadable(newest.run);
    return newest.run;
  }

  async #part(
    run: KeptRun,
    name: string,
    onDamaged: (keeper: Keeper) => void = () => {},
    added: ReadonlyMap<string, Bytes> = new Map(),
  ): Promise<Bytes | null> {
    const given = added.get(name);
    if (given) return given;
    for (const keeper of [this.#memory, ...this.#keepers, ...this.#retired]) {
      const bytes = await this.#attempt(keeper, () => keeper.read(run.record.runId, name));
      if (bytes && isWholePart(name, bytes, run.record)) return bytes;
      onDamaged(keeper);
    }
    return null;
  }

  /** Keeps one run in memory, with all of its parts. */
  async #hold(run: KeptRun, added: ReadonlyMap<string, Bytes>): Promise<void> {
    const { runId } = run.record;
    for (const other of await this.#memory.list()) {
      if (other !== runId) await this.#memory.delete(other);
    }
    await this.#bring(this.#memory, run, { added });
  }

  /**
   * Writes the version of a run to a keeper, with the parts that it lacks, from wherever they are.
   *
   * @param mayCopy whether more than what is `added` may be written although room is short
   * @param isNewest whether the keeper has this version already, perhaps without some parts
   * @returns how many parts were written; null where that was not to be done, for want of room or of a
   *   whole checkpoint, or since the keeper has a newer version
   */
  async #bring(
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
      const bytes = await this.#part(run, name, undefined, added);
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
      if (await this.#part(run, name, undefined, added)) return true;
    }
    return false;
  }

  /** A second copy is to leave room for the next save, which else would have to delete it again. */
  async #hasRoomFor(parts: readonly string[]): Promise<boolean> {
    return !this.#isShortOfRoom && (await this.#freeBytes()) >= 2 * promisedBytes(parts);
  }

  /** Changes the newest version of a run and writes it; false where the run is not kept, but held at most. */
  async #change(
    runId: string,
    change: (run: KeptRun) => { run: KeptRun; added?: ReadonlyMap<string, Bytes> } | null,
  ): Promise<boolean> {
    return this.#exclusively(async () => {
      const { kept, newest, newer, isThere } = await this.#newest(runId);
      if (newer) throw unreadable(newer);
      const changed = newest && change(newest);
      if (!changed) return isThere;
      const { added = new Map() } = changed;
      const run = { ...changed.run, changedMs: laterThan(newest, kept) };
      if (!this.#isHeldAside && (await this.#memory.find(runId))) await this.#hold(run, added);
      if (isThere) await this.#write(run, { added });
      return isThere;
    });
  }

  /**
   * Writes a version to all keepers.
   *
   * @throws NoRoomError or StorageError where none of them took it
   */
  async #write(
    run: KeptRun,
    { added, onPart }: { added: ReadonlyMap<string, Bytes>; onPart?: () => void },
  ): Promise<void> {
    const failures = new Map<Keeper, unknown>();
    let isWritten = false;
    for (const keeper of this.#keepers) {
      // Only a copy can be left out for want of room.
      const bring = () => this.#bring(keeper, run, { added, mayCopy: !isWritten, onPart });
      const numBrought = await this.#attempt(keeper, bring, failures);
      isWritten ||= numBrought !== null;
    }
    this.#report(failures);
    if (!isWritten) {
      throw new StorageError(
        "A newer version of the run turned out to be stored. Reload the page to see it.",
      );
    }
  }

  async #writeMakingRoom(
    run: KeptRun,
    added: ReadonlyMap<string, Bytes>,
    unread: ReadonlyMap<Keeper, unknown>,
  ): Promise<void> {
    const { runId, name } = run.record;
    const keepers = this.#keepers.filter((keeper) => !unread.has(keeper));
    const makingRoom = [
      async () => null,
      async () =>
        (await deleteOlderCheckpoints(keepers, [runId])) && `older checkpoints of “${name}” were`,
      async () => {
        const numCopies = await deleteCopies(keepers, await this.#newestOfAll());
        this.#isShortOfRoom ||= numCopies > 0;
        const copies = numCopies === 1 ? "copy of one run was" : `copies of ${numCopies} runs were`;
        return numCopies && `the second ${copies}`;
      },
      async () =>
        (await deleteOlderCheckpoints(keepers, await this.#runIds())) &&
        "older checkpoints of other runs were",
    ];
    for (const makeRoom of makingRoom) {
      // Where it fails, something may have been deleted all the same.
      const deleted = await makeRoom().catch(() => null);
      if (deleted === 0) continue;
      if (deleted !== null && !this.#toldDeleted.has(deleted)) {
        this.#toldDeleted.add(deleted);
        this.#onNote(`There is little room left. To go on saving, ${deleted} deleted.`);
      }
      // What was just deleted counts as free a moment later.
      for (const waitMs of deleted === null ? [0] : WAITS_MS) {
        if (waitMs > 0) await this.#wait(waitMs);
        try {
          return await this.#write(run, { added });
        } catch (error) {
          if (!isFull(error)) throw error;
        }
      }
    }
    throw new NoRoomError();
  }

  async #newestOfAll(): Promise<KeptRun[]> {
    const runs: KeptRun[] = [];
    for (const runId of await this.#runIds()) {
      const [newest] = (await this.#versions(runId)).versions;
      if (newest && isReadable(newest.run)) runs.push(newest.run);
    }
    return runs;
  }

  /** Null where a keeper fails, which is logged, once where it goes on failing in the same way. */
  async #attempt<T>(
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

  /** While no other tab changes anything, unless the browser refuses locks. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const onWait = () =>
      this.#onNote(
        "Another tab of this page is saving or changing runs, and what you asked for waits until it has finished. If that takes more than a minute, close that tab.",
      );
    const done = this.#last.then(() => withLock(this.#locks, LOCK, {}, work, onWait));
    this.#last = done.catch(() => {});
    return done;
  }
}

/**
 * Sorts versions of a run: first what a newer version of the page has written, then the one that was saved last and, of
 * the same save, changed last, as by a rename. A change alone makes no version newer than a later save, which may be in a keeper that
 * could not be read when the change was made.
 */
function order(a: KeptRun | UnreadableRun, b: KeptRun | UnreadableRun): number {
  const rank = (run: KeptRun | UnreadableRun) => {
    if (isReadable(run)) return [1, run.record.savedMs, run.changedMs] as const;
    return [run.isNewer ? 2 : 0, 0, 0] as const;
  };
  const [ofA, ofB] = [rank(a), rank(b)];
  return ofB[0] - ofA[0] || ofB[1] - ofA[1] || ofB[2] - ofA[2];
}

function isVersion(run: KeptRun | UnreadableRun, changedMs: number): boolean {
  return isReadable(run) && run.changedMs === changedMs;
}

/** A time for the next version, later than that of those before, also where the clock was set back. */
function laterThan(...versions: (KeptRun | null)[]): number {
  return Math.max(Date.now(), ...versions.map((run) => (run?.changedMs ?? 0) + 1));
}

function isCheckpoint(name: string): boolean {
  return partNamed(name)?.kind === "checkpoint";
}

function isSnapshotAt(name: string, step: number): boolean {
  const part = partNamed(name);
  return part?.kind === "snapshot" && part.step === step;
}

/** Bytes of a run's parts in one place; those of earlier versions told them in the record. */
function sizeOf({ record, parts }: KeptRun): number {
  return promisedBytes(parts) || record.totalBytes;
}

function notKept(): StorageError {
  return new StorageError("The run is no longer stored: it was deleted, here or in another tab.");
}

function unreadable({ name, problem }: UnreadableRun): StorageError {
  return new StorageError(`“${name}” cannot be opened. ${problem}`);
}
