import { isWhole, keptCheckpoints } from "./checkpoints.ts";
import { bytesOf, fileIn, namesIn, textOf, writeFile } from "./folderFiles.ts";
import { isReadable, readRecord, readSnapshot, type UnreadableRun } from "./readRecord.ts";
import type { RunRecord, Snapshot, StoredCheckpoint, WholeRun } from "./records.ts";
import { snapshotBytes, storedBytes } from "./saveRun.ts";
import {
  historyFromJson,
  historyToJson,
  historyUpTo,
  inPieces,
  type UncheckedHistory,
} from "./storedHistory.ts";

const RECORD = "run.json";

/** The folder of the backups; null where the browser has none. */
export type BackupFolder = () => Promise<FileSystemDirectoryHandle | null>;

/**
 * The runs once more, as files of the origin private file system. When Chromium is killed and finds a
 * write to its database half done, it may throw all of the database away; these files are elsewhere.
 *
 * A folder a run: checkpoints, pieces of its history, snapshots, and its record, which is written last
 * and deleted first: what it tells of is there, and a folder without it is no backup. What a backup is worth
 * is always read from the files; nothing is remembered of it.
 */
export class Backup {
  readonly #folder: BackupFolder;

  /** @param folder asked anew each time: its handle is dead once the site's data were cleared */
  constructor(folder: BackupFolder) {
    this.#folder = folder;
  }

  /** Of all folders, also those that hold no backup. */
  async runIds(): Promise<string[]> {
    return namesIn(await this.#runs());
  }

  /** Of those that hold a backup, be it one that cannot be read. */
  async backedUpIds(): Promise<string[]> {
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
   * Writes a run, its record last: until then what is there stays a backup. Then deletes the files that are
   * no longer the run's, or, where a write fails, those that were added.
   *
   * @param run all of it, or what came after `afterStep`
   * @param afterStep up to which the backup has the run already; -1 where it is written whole
   */
  async write(
    { record, checkpoints, history, snapshots }: WholeRun,
    afterStep = -1,
    onFraction?: (fraction: number) => void,
  ): Promise<void> {
    const folder = await (await this.#runs()).getDirectoryHandle(record.runId, { create: true });
    const before = await namesIn(folder);
    const written: string[] = [];
    const pieces = inPieces(history, record.step);
    const numFiles = checkpoints.length + pieces.length + snapshots.length + 1;
    const put = async (name: string, content: Uint8Array<ArrayBuffer> | string) => {
      written.push(name);
      await writeFile(folder, name, content);
      onFraction?.(written.length / numFiles);
    };
    const remove = async (names: readonly string[]) => {
      // What cannot be deleted only takes room, until the next time.
      for (const name of names) await folder.removeEntry(name).catch(() => {});
    };
    try {
      for (const { step, bytes } of checkpoints) await put(checkpointName(step), bytes);
      for (const piece of pieces) await put(`history-${piece.step}`, historyToJson(piece));
      for (const snapshot of snapshots) await put(snapshotName(snapshot), snapshot.pixels);
      await put(RECORD, recordToJson(record));
    } catch (error) {
      await remove(written.filter((name) => !before.includes(name)));
      throw error;
    }
    const isKept = (name: string) => {
      const { kind, step } = partsOf(name);
      if (kind === "checkpoint") return record.checkpoints.some((p) => p.step === step);
      return step <= afterStep;
    };
    await remove(before.filter((name) => !written.includes(name) && !isKept(name)));
  }

  /** When the copied run was saved; null where there is no readable backup. */
  async savedMs(runId: string): Promise<number | null> {
    return (await this.#backupOf(runId))?.record.savedMs ?? null;
  }

  /** Adds a snapshot up to the checkpoint, where the backup is of the newest save. */
  async addSnapshot(record: RunRecord, snapshot: Snapshot): Promise<void> {
    const backup = await this.#backupOf(record.runId);
    if (backup?.record.savedMs !== record.savedMs) return;
    await writeFile(backup.folder, snapshotName(snapshot), snapshot.pixels);
    await writeFile(backup.folder, RECORD, recordToJson(record));
  }

  /** Writes the run's record, or only its name where the backup is of an earlier save. */
  async update(record: RunRecord): Promise<void> {
    const backup = await this.#backupOf(record.runId);
    if (!backup) return;
    const isSame = backup.record.savedMs === record.savedMs;
    const json = recordToJson(isSame ? record : { ...backup.record, name: record.name });
    if (json !== (await textOf(backup.folder, RECORD)))
      await writeFile(backup.folder, RECORD, json);
  }

  /** Whether all of a run is here as it was last saved; `snapshotSteps` are those up to its step. */
  async has(record: RunRecord, snapshotSteps: readonly number[]): Promise<boolean> {
    const backup = await this.#backupOf(record.runId);
    if (backup?.record.savedMs !== record.savedMs) return false;
    const files = (await namesIn(backup.folder)).map(partsOf);
    const hasAll = (kind: string, steps: readonly number[]) =>
      steps.every((step) => files.some((file) => file.kind === kind && file.step === step));
    const checkpoints = keptCheckpoints(record.checkpoints, 1).map(({ step }) => step);
    return hasAll("checkpoint", checkpoints) && hasAll("frame", snapshotSteps);
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
    // It is no backup any more: what cannot be deleted only takes room, until the page is loaded again.
    await runs.removeEntry(runId, { recursive: true }).catch(() => {});
  }

  /** A run as it was last saved here, or as much of it as is whole; null when that is nothing. */
  async read(runId: string): Promise<WholeRun | null> {
    const backup = await this.#backupOf(runId);
    if (!backup) return null;
    const { folder, record } = backup;
    const checkpoints: StoredCheckpoint[] = [];
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

  /** The record as it is here, be it one that cannot be read; null where there is no backup. */
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
    if (!runs) throw new Error("The browser has no folder for backups any more.");
    return runs;
  }

  /** Null where there is no backup, or its record cannot be read. */
  async #backupOf(runId: string) {
    const folder = await this.#folderOf(runId);
    const record = folder && storedRecord(await textOf(folder, RECORD));
    return record && isReadable(record) ? { folder, record } : null;
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
}

const checkpointName = (step: number) => `checkpoint-${step}`;
const snapshotName = ({ step, count, wallTimeMs, numFrames }: Snapshot) =>
  `frame-${step}-${count}-${wallTimeMs}-${numFrames}`;

/** The step of the record's file is NaN. */
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
      console.warn(`A piece of the backup's history cannot be read: ${name}`, error);
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
