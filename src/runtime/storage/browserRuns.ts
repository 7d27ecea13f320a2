import { Database } from "./database.ts";
import { DatabaseKeeper } from "./databaseKeeper.ts";
import { FolderKeeper } from "./folderKeeper.ts";
import { KeptRuns } from "./keptRuns.ts";
import { OldTables } from "./oldTables.ts";

/** The runs of a browser, which are kept in its database, and in files where it has them. */
export function browserRuns(onNote: (note: string) => void): KeptRuns {
  const { storage, locks } = globalThis.navigator ?? {};
  const database = new Database();
  const folder = hasFiles() ? [new FolderKeeper(runsFolder)] : [];
  return new KeptRuns({
    keepers: [new DatabaseKeeper(database), ...folder],
    retired: [new OldTables(database)],
    locks: locks ?? null,
    async freeBytes() {
      const { quota, usage } = (await storage?.estimate?.()) ?? {};
      return quota === undefined || usage === undefined ? Number.POSITIVE_INFINITY : quota - usage;
    },
    onNote,
  });
}

/** Not in browsers without atomic writes of files, such as Safari before 26, nor without a secure context. */
function hasFiles(): boolean {
  const isAtomic = "createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {});
  return isAtomic && "getDirectory" in (globalThis.navigator?.storage ?? {});
}

/** @throws SecurityError where site data are blocked */
async function runsFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle("runs", { create: true });
}
