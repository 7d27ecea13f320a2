export interface Entries extends Map<string, Entries | Uint8Array<ArrayBuffer>> {}

/** What a tab's folder and all within it stand on. */
interface Disk {
  /** Called before whatever touches the disk; what it throws fails that. */
  onUse: () => Promise<void> | void;
  /** Called before so many bytes more are written; throws where there is no room. */
  onWrite: (numBytes: number) => Promise<void> | void;
  /** Called before a file or a folder is deleted; throws where that fails. */
  onRemove: () => void;
}

/** As much of the origin private file system as is used, in memory, and as strict as the File System Standard. */
export class MemoryFolder {
  readonly entries: Entries;
  readonly disk: Disk;

  constructor(
    entries: Entries = new Map(),
    disk: Disk = { onUse() {}, onWrite() {}, onRemove() {} },
  ) {
    this.entries = entries;
    this.disk = disk;
  }

  async *keys(): AsyncGenerator<string> {
    await this.disk.onUse();
    yield* [...this.entries.keys()];
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<MemoryFolder> {
    await this.disk.onUse();
    const found = this.entries.get(name);
    if (found instanceof Map) return new MemoryFolder(found, this.disk);
    if (found) throw new DOMException(name, "TypeMismatchError");
    if (!create) throw new DOMException(name, "NotFoundError");
    const made: Entries = new Map();
    this.entries.set(name, made);
    return new MemoryFolder(made, this.disk);
  }

  async getFileHandle(name: string, { create = false } = {}) {
    await this.disk.onUse();
    if (create && !this.entries.has(name)) this.entries.set(name, new Uint8Array());
    const content = () => {
      const found = this.entries.get(name);
      if (found instanceof Uint8Array) return found;
      if (found) throw new DOMException(name, "TypeMismatchError");
      throw new DOMException(name, "NotFoundError");
    };
    content();
    return {
      getFile: async () => {
        await this.disk.onUse();
        return new Blob([content()]);
      },
      createWritable: async () => {
        let written: Uint8Array<ArrayBuffer> = new Uint8Array();
        return {
          write: async (data: Uint8Array | string) => {
            await this.disk.onUse();
            written = typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
            await this.disk.onWrite(written.length);
          },
          // Only now, as the real one.
          close: async () => {
            await this.disk.onUse();
            content();
            this.entries.set(name, written);
          },
        };
      },
    };
  }

  /** What is within goes one by one: a tab may be killed meanwhile. */
  async removeEntry(name: string, options: { recursive?: boolean } = {}): Promise<void> {
    await this.disk.onUse();
    const entry = this.entries.get(name);
    if (!entry) throw new DOMException(name, "NotFoundError");
    this.disk.onRemove();
    if (entry instanceof Map) {
      if (entry.size > 0 && !options.recursive) {
        throw new DOMException(name, "InvalidModificationError");
      }
      for (const within of [...entry.keys()]) {
        await new MemoryFolder(entry, this.disk).removeEntry(within, options);
      }
    }
    this.entries.delete(name);
  }
}

export function asHandle(folder: MemoryFolder): FileSystemDirectoryHandle {
  return folder as unknown as FileSystemDirectoryHandle;
}
