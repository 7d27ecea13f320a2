/**
 * Sets of images that a person keeps in this browser, as the IDX files that they are read from. They have a database of
 * their own, so that neither their size nor their versions concern the runs.
 */
import { type DBSchema, openDB } from "idb";
import type { DatasetIdentity } from "../../engine/data/datasets.ts";

export interface KeptSet {
  /** Of pixels and labels, and of the pixels alone, as the records of runs with and without classes have it. */
  checksum: number;
  pixelChecksum: number;
  dataset: DatasetIdentity;
  numImages: number;
  numBytes: number;
  /** Unix time. */
  keptMs: number;
}

interface SetFile {
  name: string;
  bytes: Blob;
}

interface Tables extends DBSchema {
  sets: { key: number; value: KeptSet };
  files: { key: number; value: SetFile[] };
}

/** By name. */
export async function keptSets(): Promise<KeptSet[]> {
  const sets = await inDatabase((database) => database.getAll("sets"));
  return sets.sort((a, b) => a.dataset.name.localeCompare(b.dataset.name));
}

/** Keeps a set, in place of the same one. */
export async function keepSet(set: KeptSet, files: readonly File[]): Promise<void> {
  // Firefox would keep a reference to a file on the disk, which may be gone later.
  const copies = await Promise.all(
    files.map(async (file) => ({ name: file.name, bytes: new Blob([await file.arrayBuffer()]) })),
  );
  await inDatabase(async (database) => {
    const transaction = database.transaction(["sets", "files"], "readwrite", {
      durability: "strict",
    });
    await Promise.all([
      transaction.objectStore("sets").put(set, set.checksum),
      transaction.objectStore("files").put(copies, set.checksum),
      transaction.done,
    ]);
  });
}

/** The files of a kept set; null where it is not kept. */
export async function filesOfKeptSet({
  checksum,
}: Pick<KeptSet, "checksum">): Promise<File[] | null> {
  const files = await inDatabase((database) => database.get("files", checksum));
  return files?.map(({ name, bytes }) => new File([bytes], name)) ?? null;
}

export async function deleteKeptSet({ checksum }: Pick<KeptSet, "checksum">): Promise<void> {
  await inDatabase(async (database) => {
    const transaction = database.transaction(["sets", "files"], "readwrite");
    await Promise.all([
      transaction.objectStore("sets").delete(checksum),
      transaction.objectStore("files").delete(checksum),
      transaction.done,
    ]);
  });
}

/** The database is closed after each use, so that no tab ever waits for another. */
async function inDatabase<T>(
  work: (database: Awaited<ReturnType<typeof openDB<Tables>>>) => Promise<T>,
): Promise<T> {
  const database = await openDB<Tables>("diffusion-mnist-sets", 1, {
    upgrade(created) {
      created.createObjectStore("sets");
      created.createObjectStore("files");
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
