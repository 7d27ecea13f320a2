import { Database } from "./database.ts";
import { DatabaseKeeper } from "./databaseKeeper.ts";
import { FolderKeeper } from "./folderKeeper.ts";
import { KeptRuns } from "./keptRuns.ts";
import { browserLocks } from "./locks.ts";
import { OldTables } from "./oldTables.ts";

/** The runs of a browser, which are kept in its database, and in files where it has them. */
export function browserRuns(onNote: (note: string) => void): KeptRuns {
  const storage = browserStorage();
  const database = new Database();
  const folder = storage && hasAtomicFiles() ? [new FolderKeeper(() => runsFolder(storage))] : [];
  return new KeptRuns({
    keepers: [new DatabaseKeeper(database), ...folder],
    retired: [new OldTables(database)],
    locks: browserLocks(),
    async freeBytes() {
      const { quota, usage } = (await storage?.estimate?.()) ?? {};
      return quota === undefined || usage === undefined ? Number.POSITIVE_INFINITY : quota - usage;
    },
    onNote,
  });
}

/** Null without a secure context, or where the browser refuses it, as where site data are blocked. */
function browserStorage(): StorageManager | null {
  try {
    return globalThis.navigator?.storage ?? null;
  } catch {
    return null;
  }
}

/** Not in Safari before 26. */
function hasAtomicFiles(): boolean {
  return "createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {});
}

async function runsFolder(storage: StorageManager): Promise<FileSystemDirectoryHandle> {
  const root = await storage.getDirectory();
  return root.getDirectoryHandle("runs", { create: true });
}
