import { type IDBPDatabase, openDB } from "idb";

/** Apart from the runs, since it is worth nothing on another device. */
const NAME = "diffusion-mnist-tiles";
const TABLE = "tiles";

/** What was kept under the key by this version of the browser; undefined where nothing was, or the browser keeps nothing. */
export function readTiles(key: string): Promise<unknown> {
  return withDatabase((database) => database.get(TABLE, ofBrowser(key)));
}

/** Where the browser keeps nothing, the tiles are tried again next time. */
export async function keepTiles(key: string, tiles: unknown): Promise<void> {
  await withDatabase((database) => database.put(TABLE, tiles, ofBrowser(key)));
}

function ofBrowser(key: string): string {
  return `${navigator.userAgent}, ${key}`;
}

/** Undefined where the browser keeps nothing, nor does Node. */
async function withDatabase<T>(work: (database: IDBPDatabase) => Promise<T>) {
  try {
    const upgrade = (database: IDBPDatabase) => void database.createObjectStore(TABLE);
    const database = await openDB(NAME, 1, { upgrade });
    const result = await work(database);
    database.close();
    return result;
  } catch {
    return undefined;
  }
}
