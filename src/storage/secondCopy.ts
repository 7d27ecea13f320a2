import { checksumOf } from "./checksum.ts";
import { type History, historyFromJson, historyToJson } from "./historyJson.ts";
import { historyUpTo } from "./historyPieces.ts";
import { isReadable, readRecord } from "./readRecord.ts";
import { readSnapshot, snapshotBytes } from "./readSnapshot.ts";
import type { RunRecord, Snapshot } from "./records.ts";
import type { WholeRun } from "./wholeRun.ts";

/** What came with a save, beside the record. */
export interface CopiedSave {
  /** All of it between this checkpoint and the one before. */
  history: History;
  checkpoint: { step: number; bytes: Uint8Array<ArrayBuffer> };
  snapshots: readonly Snapshot[];
  /** Where the run stood before. */
  afterStep: number;
}

const RECORD = "run.json";

/**
 * The runs once more, as files of the origin private file system. When Chromium is killed and finds a
 * write to its database half done, it may throw all of the database away; these files are elsewhere.
 * A folder a run: its record, checkpoints, pieces of its history, and snapshots. The record is written
 * last, so that what it tells of is there.
 */
export class SecondCopy {
  readonly #runs: FileSystemDirectoryHandle;

  constructor(runs: FileSystemDirectoryHandle) {
    this.#runs = runs;
  }

  async runIds(): Promise<string[]> {
    return namesIn(this.#runs);
  }

  /**
   * Adds a save to the copy.
   *
   * @returns false where the copy does not stand where the run stood before, and is left as it is: then
   *   it has to be written whole
   */
  async save(record: RunRecord, save: CopiedSave): Promise<boolean> {
    const folder = await this.#runs.getDirectoryHandle(record.runId, { create: true });
    const copied = recordFrom(await textOf(folder, RECORD));
    if (copied?.step !== save.afterStep) return false;
    const { checkpoint, history, snapshots } = save;
    await write(folder, `checkpoint-${checkpoint.step}`, checkpoint.bytes);
    await write(folder, `history-${checkpoint.step}`, historyToJson(history));
    await writeSnapshots(folder, snapshots);
    await this.update(record);
    // Only now: until then the record before told of them.
    const kept = new Set(record.checkpoints.map(({ step }) => step));
    for (const name of await namesIn(folder)) {
      const [kind, at] = name.split("-");
      if (kind === "checkpoint" && !kept.has(Number(at))) await folder.removeEntry(name);
    }
    return true;
  }

  /** Adds a snapshot up to the checkpoint; where the copy stands elsewhere it is left as it is. */
  async addSnapshot(record: RunRecord, snapshot: Snapshot): Promise<void> {
    const folder = await this.#runs.getDirectoryHandle(record.runId, { create: true });
    const copied = recordFrom(await textOf(folder, RECORD));
    if (copied?.step !== record.step) return;
    await writeSnapshots(folder, [snapshot]);
    await this.update(record);
  }

  /** Writes a run whole, in place of what there was of it. */
  async write(
    { record, checkpoints, history, snapshots }: WholeRun,
    onFraction?: (fraction: number) => void,
  ): Promise<void> {
    await this.delete(record.runId);
    const folder = await this.#runs.getDirectoryHandle(record.runId, { create: true });
    const numFiles = checkpoints.length + snapshots.length;
    let numWritten = 0;
    for (const { step, bytes } of checkpoints) {
      await write(folder, `checkpoint-${step}`, bytes);
      onFraction?.(++numWritten / numFiles);
    }
    await write(folder, `history-${record.step}`, historyToJson(history));
    for (const snapshot of snapshots) {
      await writeSnapshots(folder, [snapshot]);
      onFraction?.(++numWritten / numFiles);
    }
    await this.update(record);
  }

  async update(record: RunRecord): Promise<void> {
    const folder = await this.#runs.getDirectoryHandle(record.runId, { create: true });
    const { picture } = record;
    const pixels = picture && Array.from(picture.pixels);
    const json = JSON.stringify({ ...record, picture: picture && { ...picture, pixels } });
    await write(folder, RECORD, json);
  }

  async delete(runId: string): Promise<void> {
    if ((await this.runIds()).includes(runId)) {
      await this.#runs.removeEntry(runId, { recursive: true });
    }
  }

  /** A run as it was last saved here, or as much of it as is whole; null when that is nothing. */
  async read(runId: string): Promise<WholeRun | null> {
    const folder = await this.#runs.getDirectoryHandle(runId);
    const record = recordFrom(await textOf(folder, RECORD));
    if (!record) return null;
    const checkpoints: { step: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
    for (const { step, checksum } of record.checkpoints) {
      const bytes = await bytesOf(folder, `checkpoint-${step}`);
      if (bytes && checksumOf(bytes) === checksum) checkpoints.push({ step, bytes });
    }
    const pointers = record.checkpoints.filter((p) => checkpoints.some((c) => c.step === p.step));
    const newest = pointers.at(-1);
    if (!newest) return null;
    const { step, numEpochs } = newest;
    return {
      record: { ...record, step, numEpochs, checkpoints: pointers },
      checkpoints,
      history: historyUpTo(await piecesIn(folder, step), newest),
      snapshots: await snapshotsIn(folder, step),
    };
  }
}

/** In the order of their steps. */
async function filesIn(folder: FileSystemDirectoryHandle, kind: string, upToStep: number) {
  const files = (await namesIn(folder)).map((name) => ({ name, parts: name.split("-") }));
  return files
    .filter(({ parts }) => parts[0] === kind && Number(parts[1]) <= upToStep)
    .sort((a, b) => Number(a.parts[1]) - Number(b.parts[1]));
}

/** A piece may be cut off where the browser was killed: what is not whole is left out. */
async function piecesIn(folder: FileSystemDirectoryHandle, upToStep: number): Promise<History[]> {
  const pieces: History[] = [];
  for (const { name } of await filesIn(folder, "history", upToStep)) {
    try {
      pieces.push(historyFromJson(await textOf(folder, name)));
    } catch (error) {
      console.warn(`A piece of the second copy's history cannot be read: ${name}`, error);
    }
  }
  return pieces;
}

async function writeSnapshots(
  folder: FileSystemDirectoryHandle,
  snapshots: readonly Snapshot[],
): Promise<void> {
  for (const { step, count, wallTimeMs, numFrames, pixels } of snapshots) {
    await write(folder, `frame-${step}-${count}-${wallTimeMs}-${numFrames}`, pixels);
  }
}

async function snapshotsIn(
  folder: FileSystemDirectoryHandle,
  upToStep: number,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const { name, parts } of await filesIn(folder, "frame", upToStep)) {
    const pixels = await bytesOf(folder, name);
    const [step = 0, count = 0, wallTimeMs = 0, numFrames] = parts.slice(1).map(Number);
    const told = { step, count, wallTimeMs, ...(numFrames ? { numFrames } : {}) };
    const snapshot = readSnapshot({ ...told, pixels: pixels ?? new Uint8Array() });
    if (pixels?.length === snapshotBytes(snapshot)) snapshots.push(snapshot);
  }
  return snapshots;
}

function recordFrom(json: string): RunRecord | null {
  try {
    const stored = JSON.parse(json);
    const { picture } = stored;
    const pixels = picture && Uint8Array.from(picture.pixels);
    const record = readRecord({ ...stored, picture: picture && { ...picture, pixels } });
    return isReadable(record) ? record : null;
  } catch {
    return null;
  }
}

async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  return names;
}

/** All of it or, when the browser is killed meanwhile, nothing: it takes the place of the old on closing. */
async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  content: Uint8Array<ArrayBuffer> | string,
): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const writable = await file.createWritable();
  await writable.write(content);
  await writable.close();
}

async function bytesOf(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const file = await (await folder.getFileHandle(name)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return null;
  }
}

async function textOf(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  return new TextDecoder().decode((await bytesOf(folder, name)) ?? new Uint8Array());
}
