import { openDB } from "idb";

/** Apart from the runs, since it is worth nothing on another device. */
const NAME = "diffusion-mnist-tiles";
const TABLE = "tiles";

/** What was kept under the key by this version of the browser; undefined where nothing was, or the browser keeps nothing. */
export async function readTiles(key: string): Promise<unknown> {
  try {
    const database = await opened();
    const value: unknown = await database.get(TABLE, ofBrowser(key));
    database.close();
    return value;
  } catch {
    return undefined;
  }
}

/** Where the browser keeps nothing, the tiles are tried again next time. */
export async function keepTiles(key: string, tiles: unknown): Promise<void> {
  try {
    const database = await opened();
    await database.put(TABLE, tiles, ofBrowser(key));
    database.close();
  } catch {
    // Nor in Node.
  }
}

function ofBrowser(key: string): string {
  return `${navigator.userAgent}, ${key}`;
}

function opened() {
  return openDB(NAME, 1, { upgrade: (database) => void database.createObjectStore(TABLE) });
}
