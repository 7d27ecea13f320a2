import { messageOf } from "../../engine/messageOf.ts";
import { bestCheckpoint } from "./checkpoints.ts";
import { type Keeper, StorageError } from "./keeper.ts";
import { Keepers, order, type Version } from "./keepers.ts";
import { type Locks, withLock } from "./locks.ts";
import { MemoryKeeper } from "./memoryKeeper.ts";
import { partNamed, promisedBytes, snapshotPart } from "./parts.ts";
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
import { writeMakingRoom } from "./room.ts";
import { runAfter, type Save, versionOf } from "./saves.ts";
import { settleRun } from "./settling.ts";

/** Held by the tab that changes runs. */
const LOCK = "diffusion-mnist-storage";

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

/**
 * The runs, kept in several places at once (`Keepers`): what a page reads of them and does to them, one change after the
 * other in all of its tabs. `settle` brings all places to the same state again.
 *
 * The run that is trained is held in memory besides: what a browser has lost of it is written again with the next save.
 */
export class KeptRuns {
  readonly #keepers: Keepers;
  readonly #memory = new MemoryKeeper();
  /** Whether what is held is no longer the run that is kept under its id: that was deleted, or trained on elsewhere. */
  #isHeldAside = false;
  readonly #locks: Locks | null;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #onNote: (note: string) => void;
  /** What the user was told of deletions for want of room; a deletion of the same kind is not told with each save. */
  readonly #toldDeleted = new Set<string>();
  /** What is done under the lock comes one after the other also where the browser has no locks. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: KeptRunsOptions) {
    this.#locks = options.locks ?? null;
    this.#wait = options.wait ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
    this.#onNote = options.onNote ?? (() => {});
    this.#keepers = new Keepers({
      active: options.keepers,
      retired: options.retired ?? [],
      memory: this.#memory,
      freeBytes: options.freeBytes ?? (async () => Number.POSITIVE_INFINITY),
      onNote: this.#onNote,
    });
  }

  // Reading

  /**
   * All runs, the one saved last first; those that cannot be read say why, last.
   *
   * @throws StorageError where no keeper can be read
   */
  async list(): Promise<(RunRecord | UnreadableRun)[]> {
    const runs: (RunRecord | UnreadableRun)[] = [];
    for (const runId of await this.#keepers.runIds()) {
      const { versions } = await this.#keepers.versions(runId);
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
    return this.#readable((await this.#keepers.versions(runId)).versions);
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
    const { versions } = await this.#keepers.versions(runId);
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
    const bytes = await this.#keepers.part(run, name, (keeper) => damagedIn.push(keeper));
    if (!bytes) return null;
    const toMend = this.#keepers.active.filter((keeper) => damagedIn.includes(keeper));
    for (const keeper of toMend) {
      await this.#exclusively(async () => {
        const there = await this.#keepers.attempt(keeper, () => keeper.find(runId));
        if (!there || !isReadable(there) || !there.parts.includes(name)) return;
        await this.#keepers.attempt(keeper, () => keeper.write(there, new Map([[name, bytes]])));
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
   * Saves a run at a checkpoint. Where no keeper has room for it, older checkpoints are deleted: first its own, then second
   * copies of runs, its own too, then older checkpoints of others; of each run the newest and the best stay.
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
      const next = runAfter(before, save, laterThan(newest, kept, held));
      const { run, added } = next;
      await this.#hold(run, added);
      this.#isHeldAside = !isOurs;
      if (!isOurs) return null;
      if (newer) throw unreadable(newer);
      await writeMakingRoom(this.#keepers, next, {
        unread,
        wait: this.#wait,
        onDeleted: (what) => this.#noteDeleted(what),
      });
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
   * Adds a snapshot whose drawing ended only after the checkpoint that follows it was saved.
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
    const numParts = added.size * this.#keepers.active.length;
    let numWritten = 0;
    const onPart = () => onFraction(++numWritten / numParts);
    await this.#exclusively(() => this.#keepers.write(run, { added, onPart }));
  }

  /** @throws the error of a keeper that still has the run */
  async delete(runId: string): Promise<void> {
    await this.#exclusively(async () => {
      // The first keeper last: as long as the run is there, it is whole.
      for (const keeper of [...this.#keepers.retired, ...this.#keepers.active.toReversed()]) {
        // A keeper that does not open now still has the run, and nothing records the deletion for later: the run comes
        // back from there once it opens.
        if (await this.#keepers.attempt(keeper, () => keeper.list())) await keeper.delete(runId);
      }
    });
    this.noteRoom();
  }

  /** Something was deleted, here or in another tab: there may be room for second copies again. */
  noteRoom(): void {
    this.#keepers.isShortOfRoom = false;
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
    for (const runId of await this.#keepers.runIds()) {
      const settled = await this.#exclusively(() => settleRun(this.#keepers, runId));
      isChanged ||= settled.isChanged;
      if (settled.restored !== null) restored.push(settled.restored);
    }
    return { restored, isChanged };
  }

  #noteDeleted(what: string): void {
    if (this.#toldDeleted.has(what)) return;
    this.#toldDeleted.add(what);
    this.#onNote(`There is little room left. To go on saving, ${what} deleted.`);
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
    const { versions, unread } = await this.#keepers.versions(runId);
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
      await this.#keepers.runIds();
      throw notKept();
    }
    if (!isReadable(newest.run)) throw unreadable(newest.run);
    return newest.run;
  }

  /** Keeps one run in memory, with all of its parts. */
  async #hold(run: KeptRun, added: ReadonlyMap<string, Bytes>): Promise<void> {
    const { runId } = run.record;
    for (const other of await this.#memory.list()) {
      if (other !== runId) await this.#memory.delete(other);
    }
    await this.#keepers.bring(this.#memory, run, { added });
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
      if (isThere) await this.#keepers.write(run, { added });
      return isThere;
    });
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

/** A time for the next version, later than that of those before, also where the clock was set back. */
function laterThan(...versions: (KeptRun | null)[]): number {
  return Math.max(Date.now(), ...versions.map((run) => (run?.changedMs ?? 0) + 1));
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
