/** The files that a person drops or pastes, with those in dropped folders. */
import type { ImageSource } from "../../../../hosts/images/protocol.ts";

/** Takes what is there now; what lies in folders comes later, since the event's data are gone once it is dealt with. */
export async function filesOf({ items }: DataTransfer): Promise<ImageSource[]> {
  const found = [...items].map((item) => ({
    entry: item.kind === "file" ? item.webkitGetAsEntry() : null,
    file: item.kind === "file" ? item.getAsFile() : null,
  }));
  const sources: ImageSource[] = [];
  for (const { entry, file } of found) {
    if (entry && isFolder(entry)) await addFilesIn(entry, sources);
    else if (file) sources.push({ path: file.name, file });
  }
  return sources;
}

async function addFilesIn(folder: FileSystemDirectoryEntry, sources: ImageSource[]): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // A hundred at a time in Chromium, all at once in Firefox; none when all have come.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return;
    for (const entry of entries) if (isFolder(entry)) await addFilesIn(entry, sources);
    const files = entries.filter(isFile).map(async (entry) => {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      return { path: entry.fullPath.replace(/^\//, ""), file };
    });
    sources.push(...(await Promise.all(files)));
  }
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
