import type { Keeper } from "./keeper.ts";
import { listsParts, readKeptRun } from "./readRecord.ts";
import type { Bytes, KeptRun, UnreadableRun } from "./records.ts";

const RECORD = "run.json";

/**
 * Keeps runs as files of the origin private file system, in a folder a run: a file for each part, and the
 * record as JSON, which is written last and deleted first.
 */
export class FolderKeeper implements Keeper {
  readonly place = "the browser’s files";
  readonly #runs: () => Promise<FileSystemDirectoryHandle>;

  /** @param runs gives the folder of all runs, asked anew each time: a handle is dead once site data were cleared */
  constructor(runs: () => Promise<FileSystemDirectoryHandle>) {
    this.#runs = runs;
  }

  async list(): Promise<string[]> {
    return namesIn(await this.#runs());
  }

  async find(runId: string): Promise<KeptRun | UnreadableRun | null> {
    const folder = await this.#folderOf(runId);
    const text = folder && (await recordIn(folder));
    // A record that was never written to its end is empty.
    if (!folder || !text) return null;
    const stored = fromJson(text);
    return readKeptRun(stored, runId, listsParts(stored) ? [] : await namesIn(folder));
  }

  async parts(runId: string): Promise<ReadonlySet<string>> {
    const folder = await this.#folderOf(runId);
    const names = new Set(folder ? await namesIn(folder) : []);
    names.delete(RECORD);
    return names;
  }

  async read(runId: string, part: string): Promise<Bytes | null> {
    const folder = await this.#folderOf(runId).catch(() => null);
    return folder && bytesIn(folder, part);
  }

  async write(run: KeptRun, added: ReadonlyMap<string, Bytes>, onPart?: () => void): Promise<void> {
    const runs = await this.#runs();
    const folder = await runs.getDirectoryHandle(run.record.runId, { create: true });
    const before = new Set(await namesIn(folder));
    try {
      for (const [name, bytes] of added) {
        await writeFile(folder, name, bytes);
        onPart?.();
      }
      await writeFile(folder, RECORD, toJson(run));
    } catch (error) {
      await remove(
        folder,
        [...added.keys(), RECORD].filter((name) => !before.has(name)),
      );
      throw error;
    }
    const isListed = new Set([...run.parts, RECORD]);
    await remove(
      folder,
      [...before].filter((name) => !isListed.has(name)),
    );
  }

  async delete(runId: string, parts?: readonly string[]): Promise<void> {
    const folder = await this.#folderOf(runId);
    if (!folder) return;
    if (parts) return remove(folder, parts);
    if ((await namesIn(folder)).includes(RECORD)) await folder.removeEntry(RECORD);
    // Without its record it is no run any more: what cannot be deleted only takes room.
    await remove(await this.#runs(), [runId]);
  }

  /** Null where there is none. */
  async #folderOf(runId: string): Promise<FileSystemDirectoryHandle | null> {
    return orMissing((await this.#runs()).getDirectoryHandle(runId));
  }
}

async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  return names;
}

/** What cannot be deleted only takes room, until the next time. */
async function remove(folder: FileSystemDirectoryHandle, names: readonly string[]): Promise<void> {
  for (const name of names) await folder.removeEntry(name, { recursive: true }).catch(() => {});
}

/** A file that is written takes the place of the old one on closing: all of it or, after a kill, nothing. */
async function writeFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  content: Bytes | string,
): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const writable = await file.createWritable();
  await writable.write(content);
  await writable.close();
}

/** Null where there is none. @throws DOMException where it cannot be read: it may be newer than that of another keeper */
async function recordIn(folder: FileSystemDirectoryHandle): Promise<string | null> {
  const handle = await orMissing(folder.getFileHandle(RECORD));
  return handle && (await handle.getFile()).text();
}

/** Null where what is asked for is not there. */
async function orMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (Object(error).name === "NotFoundError") return null;
    throw error;
  }
}

/** Null where there is no such file, or it cannot be read. */
async function bytesIn(folder: FileSystemDirectoryHandle, name: string): Promise<Bytes | null> {
  try {
    const file = await (await folder.getFileHandle(name)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return null;
  }
}

/** JSON with the picture's pixels as a list of numbers. */
function toJson({ record, ...rest }: KeptRun): string {
  const { picture } = record;
  const pixels = picture && Array.from(picture.pixels);
  return JSON.stringify({ ...record, ...rest, picture: picture && { ...picture, pixels } });
}

/** Null for what is no JSON of a record. */
function fromJson(text: string): unknown {
  try {
    const stored = JSON.parse(text);
    const { picture } = stored;
    const pixels = picture && Uint8Array.from(picture.pixels);
    return { ...stored, picture: picture && { ...picture, pixels } };
  } catch {
    return null;
  }
}
