import { isWhole, keptCheckpoints } from "./checkpoints.ts";
import { bytesOf, fileIn, namesIn, textOf, writeFile } from "./folderFiles.ts";
import { isReadable, readRecord, readSnapshot, type UnreadableRun } from "./readRecord.ts";
import type { RunRecord, Snapshot, WholeRun } from "./records.ts";
import { type SavedRun, snapshotBytes, storedBytes } from "./saveRun.ts";
import {
  historyFromJson,
  historyToJson,
  historyUpTo,
  inPieces,
  type UncheckedHistory,
} from "./storedHistory.ts";

const RECORD = "run.json";

/** The folder of the second copies; null where the browser has none. */
export type CopiesFolder = () => Promise<FileSystemDirectoryHandle | null>;

/**
 * The runs once more, as files of the origin private file system. When Chromium is killed and finds a
 * write to its database half done, it may throw all of the database away; these files are elsewhere.
 *
 * A folder a run: checkpoints, pieces of its history, snapshots, and its record, which is written last
 * and deleted first: what it tells of is there, and a folder without it is no copy. What a copy is worth
 * is always read from the files; nothing is remembered of it.
 */
export class SecondCopy {
  readonly #folder: CopiesFolder;

  /** @param folder asked anew each time: its handle is dead once the site's data were cleared */
  constructor(folder: CopiesFolder) {
    this.#folder = folder;
  }

  /** Of all folders, also those that hold no copy. */
  async runIds(): Promise<string[]> {
    return namesIn(await this.#runs());
  }

  /** Of those that hold a copy, be it one that cannot be read. */
  async copiedIds(): Promise<string[]> {
    const runs = await this.#runs();
    const copied: string[] = [];
    for (const runId of await namesIn(runs)) {
      const record = await fileIn(await runs.getDirectoryHandle(runId), RECORD);
      // One that was just being written for the first time is empty.
      if (record && record.size > 0) copied.push(runId);
    }
    return copied;
  }

  /**
   * Adds a save to the copy.
   *
   * @returns false where the copy is not of the save before, and is left as it is: then it has to be
   *   written whole
   */
  async save(
    { record, history, afterStep, previousMs }: SavedRun,
    checkpoint: Uint8Array<ArrayBuffer>,
    snapshots: readonly Snapshot[],
  ): Promise<boolean> {
    const folder = await this.#folderOf(record.runId);
    const copied = folder && (await recordIn(folder));
    if ((copied?.savedMs ?? null) !== previousMs) return false;
    const { step } = record;
    const kept = new Set(record.checkpoints.map((pointer) => checkpointName(pointer.step)));
    await this.#changing(folder ?? (await this.#madeFolder(record.runId)), async (put) => {
      await put(checkpointName(step), checkpoint);
      for (const piece of inPieces(history, step)) {
        await put(historyName(piece.step), historyToJson(piece));
      }
      for (const snapshot of snapshots) await put(snapshotName(snapshot), snapshot.pixels);
      await put(RECORD, recordToJson(record));
      // A run that went on from an earlier step has left what was beyond it.
      return (name) => {
        const { kind, step: at } = partsOf(name);
        return kind === "checkpoint" ? kept.has(name) : at <= afterStep;
      };
    });
    return true;
  }

  /** Adds a snapshot up to the checkpoint, where the copy is of the newest save. */
  async addSnapshot(record: RunRecord, snapshot: Snapshot): Promise<void> {
    const folder = await this.#folderOf(record.runId);
    if (!folder || (await recordIn(folder))?.savedMs !== record.savedMs) return;
    await writeFile(folder, snapshotName(snapshot), snapshot.pixels);
    await writeFile(folder, RECORD, recordToJson(record));
  }

  /** Writes a run whole. What there is of it is a copy until the new one is. */
  async write(
    { record, checkpoints, history, snapshots }: WholeRun,
    onFraction?: (fraction: number) => void,
  ): Promise<void> {
    const numFiles = checkpoints.length + snapshots.length;
    let numWritten = 0;
    await this.#changing(await this.#madeFolder(record.runId), async (put) => {
      for (const { step, bytes } of checkpoints) {
        await put(checkpointName(step), bytes);
        onFraction?.(++numWritten / numFiles);
      }
      for (const piece of inPieces(history, record.step)) {
        await put(historyName(piece.step), historyToJson(piece));
      }
      for (const snapshot of snapshots) {
        await put(snapshotName(snapshot), snapshot.pixels);
        onFraction?.(++numWritten / numFiles);
      }
      await put(RECORD, recordToJson(record));
      return () => false;
    });
  }

  /** Tells the copy the run's record; where it is of an earlier save only the name. */
  async update(record: RunRecord): Promise<void> {
    const folder = await this.#folderOf(record.runId);
    const copied = folder && (await recordIn(folder));
    if (!folder || !copied) return;
    const isSame = copied.savedMs === record.savedMs;
    const json = recordToJson(isSame ? record : { ...copied, name: record.name });
    if (json !== (await textOf(folder, RECORD))) await writeFile(folder, RECORD, json);
  }

  /** Whether all of a run is here as it was last saved; `snapshotSteps` are those up to its step. */
  async has(record: RunRecord, snapshotSteps: readonly number[]): Promise<boolean> {
    const folder = await this.#folderOf(record.runId);
    if (!folder || (await recordIn(folder))?.savedMs !== record.savedMs) return false;
    const files = (await namesIn(folder)).map(partsOf);
    const stepsOf = (kind: string) =>
      new Set(files.filter((file) => file.kind === kind).map(({ step }) => step));
    const [checkpoints, frames] = [stepsOf("checkpoint"), stepsOf("frame")];
    const needed = keptCheckpoints(record.checkpoints, 1);
    return (
      needed.every(({ step }) => checkpoints.has(step)) &&
      snapshotSteps.every((step) => frames.has(step))
    );
  }

  /** Of all files of a run, in bytes. */
  async size(runId: string): Promise<number> {
    const folder = await this.#folderOf(runId);
    let numBytes = 0;
    for (const name of folder ? await namesIn(folder) : []) {
      numBytes += (folder && (await fileIn(folder, name)))?.size ?? 0;
    }
    return numBytes;
  }

  async delete(runId: string): Promise<void> {
    const folder = await this.#folderOf(runId);
    if (!folder) return;
    if ((await namesIn(folder)).includes(RECORD)) await folder.removeEntry(RECORD);
    const runs = await this.#runs();
    // It is no copy any more: what cannot be deleted only takes room, until the page is loaded again.
    await runs.removeEntry(runId, { recursive: true }).catch(() => {});
  }

  /** A run as it was last saved here, or as much of it as is whole; null when that is nothing. */
  async read(runId: string): Promise<WholeRun | null> {
    const folder = await this.#folderOf(runId);
    const record = folder && (await recordIn(folder));
    if (!folder || !record) return null;
    const checkpoints: { step: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
    for (const pointer of record.checkpoints) {
      const bytes = await bytesOf(folder, checkpointName(pointer.step));
      if (isWhole(bytes, pointer)) checkpoints.push({ step: pointer.step, bytes });
    }
    const pointers = record.checkpoints.filter((p) => checkpoints.some((c) => c.step === p.step));
    const newest = pointers.at(-1);
    if (!newest) return null;
    // The time of its save tells that it is of an earlier one, where the newest is not whole.
    const { step, numEpochs, savedMs } = newest;
    const snapshots = await snapshotsIn(folder, step);
    const ofSnapshots = snapshots.reduce((sum, { pixels }) => sum + pixels.length, 0);
    const totalBytes = storedBytes({ checkpoints: pointers, step }, ofSnapshots);
    return {
      record: { ...record, step, numEpochs, savedMs, checkpoints: pointers, totalBytes },
      checkpoints,
      history: historyUpTo(await piecesIn(folder, step), newest),
      snapshots,
    };
  }

  /** The record as it is here, be it one that cannot be read; null where there is no copy. */
  async record(runId: string): Promise<RunRecord | UnreadableRun | null> {
    const folder = await this.#folderOf(runId);
    const json = folder && (await textOf(folder, RECORD));
    return json ? { ...storedRecord(json), runId } : null;
  }

  /** The bytes of a checkpoint, whole or not; null where there are none. */
  async checkpoint(runId: string, step: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const folder = await this.#folderOf(runId);
    return folder && bytesOf(folder, checkpointName(step));
  }

  async #runs(): Promise<FileSystemDirectoryHandle> {
    const runs = await this.#folder();
    if (!runs) throw new Error("The browser has no folder for second copies any more.");
    return runs;
  }

  async #madeFolder(runId: string): Promise<FileSystemDirectoryHandle> {
    return (await this.#runs()).getDirectoryHandle(runId, { create: true });
  }

  /** Null where there is none. */
  async #folderOf(runId: string): Promise<FileSystemDirectoryHandle | null> {
    try {
      return await (await this.#runs()).getDirectoryHandle(runId);
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotFoundError") return null;
      throw error;
    }
  }

  /**
   * Writes files of a folder, the record last, then deletes those that are neither written nor, as the
   * work tells in the end, to be kept. Where the work fails, what it wrote goes.
   */
  async #changing(
    folder: FileSystemDirectoryHandle,
    work: (
      put: (name: string, content: Uint8Array<ArrayBuffer> | string) => Promise<void>,
    ) => Promise<(name: string) => boolean>,
  ): Promise<void> {
    const before = new Set(await namesIn(folder));
    const written = new Set<string>();
    const remove = async (names: Iterable<string>, isLeft: (name: string) => boolean) => {
      for (const name of names) {
        // What cannot be deleted only takes room, until the next time.
        if (!isLeft(name)) await folder.removeEntry(name).catch(() => {});
      }
    };
    let isKept: (name: string) => boolean;
    try {
      isKept = await work(async (name, content) => {
        written.add(name);
        await writeFile(folder, name, content);
      });
    } catch (error) {
      await remove(written, (name) => before.has(name));
      throw error;
    }
    await remove(before, (name) => written.has(name) || isKept(name));
  }
}

const checkpointName = (step: number) => `checkpoint-${step}`;
const historyName = (step: number) => `history-${step}`;
const snapshotName = ({ step, count, wallTimeMs, numFrames }: Snapshot) =>
  `frame-${step}-${count}-${wallTimeMs}-${numFrames}`;

/** What a file's name tells: of the record a step that is no number. */
function partsOf(name: string) {
  const [kind = "", ...numbers] = name.split("-");
  const [step = Number.NaN, ...rest] = numbers.map(Number);
  return { name, kind, step, rest };
}

/** In the order of their steps. */
async function filesIn(folder: FileSystemDirectoryHandle, kind: string, upToStep: number) {
  return (await namesIn(folder))
    .map(partsOf)
    .filter((file) => file.kind === kind && file.step <= upToStep)
    .sort((a, b) => a.step - b.step);
}

/** A piece may be cut off where the browser was killed: what is not whole is left out. */
async function piecesIn(
  folder: FileSystemDirectoryHandle,
  upToStep: number,
): Promise<UncheckedHistory[]> {
  const pieces: UncheckedHistory[] = [];
  for (const { name } of await filesIn(folder, "history", upToStep)) {
    try {
      pieces.push(historyFromJson(await textOf(folder, name)));
    } catch (error) {
      console.warn(`A piece of the second copy's history cannot be read: ${name}`, error);
    }
  }
  return pieces;
}

async function snapshotsIn(
  folder: FileSystemDirectoryHandle,
  upToStep: number,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const { name, step, rest } of await filesIn(folder, "frame", upToStep)) {
    const pixels = await bytesOf(folder, name);
    const [count = 0, wallTimeMs = 0, numFrames] = rest;
    const told = { step, count, wallTimeMs, ...(numFrames ? { numFrames } : {}) };
    const snapshot = readSnapshot({ ...told, pixels: pixels ?? new Uint8Array() });
    if (pixels?.length === snapshotBytes(snapshot)) snapshots.push(snapshot);
  }
  return snapshots;
}

function recordToJson(record: RunRecord): string {
  const { picture } = record;
  const pixels = picture && Array.from(picture.pixels);
  return JSON.stringify({ ...record, picture: picture && { ...picture, pixels } });
}

function storedRecord(json: string): RunRecord | UnreadableRun {
  try {
    const stored = JSON.parse(json);
    const { picture } = stored;
    const pixels = picture && Uint8Array.from(picture.pixels);
    return readRecord({ ...stored, picture: picture && { ...picture, pixels } });
  } catch {
    return readRecord(null);
  }
}

/** Null where there is none that can be read. */
async function recordIn(folder: FileSystemDirectoryHandle): Promise<RunRecord | null> {
  const record = storedRecord(await textOf(folder, RECORD));
  return isReadable(record) ? record : null;
}
