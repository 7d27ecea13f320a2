/** As much of the origin private file system as the second copy uses, in memory. */
export class MemoryFolder {
  readonly entries = new Map<string, MemoryFolder | Uint8Array<ArrayBuffer>>();

  async *keys(): AsyncGenerator<string> {
    yield* [...this.entries.keys()];
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<MemoryFolder> {
    const found = this.entries.get(name);
    if (found instanceof MemoryFolder) return found;
    if (!create) throw new DOMException(name, "NotFoundError");
    const made = new MemoryFolder();
    this.entries.set(name, made);
    return made;
  }

  async getFileHandle(name: string, { create = false } = {}) {
    if (!this.entries.has(name)) {
      if (!create) throw new DOMException(name, "NotFoundError");
      this.entries.set(name, new Uint8Array());
    }
    return {
      getFile: async () => new Blob([this.entries.get(name) as Uint8Array<ArrayBuffer>]),
      createWritable: async () => {
        let content: Uint8Array<ArrayBuffer> = new Uint8Array();
        return {
          write: async (data: Uint8Array | string) => {
            content = typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
          },
          // Only now, as the real one.
          close: async () => {
            this.entries.set(name, content);
          },
        };
      },
    };
  }

  async removeEntry(name: string): Promise<void> {
    if (!this.entries.delete(name)) throw new DOMException(name, "NotFoundError");
  }
}

export function asHandle(folder: MemoryFolder): FileSystemDirectoryHandle {
  return folder as unknown as FileSystemDirectoryHandle;
}
