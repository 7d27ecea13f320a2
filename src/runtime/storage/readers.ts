/**
 * Where the readers of a person's own images are kept (`engine/quality/readerTraining.ts`): in a database of their own. One more
 * table in the database of runs would raise its version, for which every open tab of an older page has to let go of its
 * runs; a reader is no more than a minute's work.
 */
import { type DBSchema, openDB } from "idb";
import type { Bytes, StoredDataset } from "./records.ts";

const NAME = "diffusion-mnist-readers";
const VERSION = 1;

interface Tables extends DBSchema {
  /** Files of `encodeClassifier`, by the images they read. */
  readers: { key: string; value: Bytes };
}

/** Which images a reader was trained and tested on: the checksum is of their pixels and labels. */
export type ReadImages = Pick<StoredDataset, "numTrain" | "numValidation" | "checksum">;

/**
 * @param file of `encodeClassifier`
 * @throws DOMException where the browser has no storage or no room
 */
export async function keepReader(images: ReadImages, file: Bytes): Promise<void> {
  await inDatabase((database) => database.put("readers", file, keyOf(images)));
}

/**
 * The file of the reader of these images; null where there is none.
 *
 * @throws DOMException where the browser has no storage
 */
export async function findReader(images: ReadImages): Promise<Bytes | null> {
  const file = await inDatabase((database) => database.get("readers", keyOf(images)));
  return file ?? null;
}

function keyOf({ numTrain, numValidation, checksum }: ReadImages): string {
  return `${numTrain} ${numValidation} ${checksum}`;
}

async function inDatabase<T>(
  work: (database: Awaited<ReturnType<typeof openDB<Tables>>>) => Promise<T>,
): Promise<T> {
  const database = await openDB<Tables>(NAME, VERSION, {
    upgrade: (made) => void made.createObjectStore("readers"),
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
