import type { Keeper } from "./keeper.ts";
import type { Bytes, KeptRun } from "./records.ts";

/** Keeps runs in memory; as blobs, which a browser may move to the disk, and which are no site data. */
export class MemoryKeeper implements Keeper {
  readonly place = "memory";
  readonly #runs = new Map<string, { run: KeptRun; parts: Map<string, Blob> }>();

  async list(): Promise<string[]> {
    return [...this.#runs.keys()];
  }

  async find(runId: string): Promise<KeptRun | null> {
    return this.#runs.get(runId)?.run ?? null;
  }

  async parts(runId: string): Promise<ReadonlySet<string>> {
    return new Set(this.#runs.get(runId)?.parts.keys());
  }

  async read(runId: string, part: string): Promise<Bytes | null> {
    const blob = this.#runs.get(runId)?.parts.get(part);
    return blob ? new Uint8Array(await blob.arrayBuffer()) : null;
  }

  async write(run: KeptRun, added: ReadonlyMap<string, Bytes>): Promise<void> {
    const { runId } = run.record;
    const parts = new Map(this.#runs.get(runId)?.parts);
    for (const [name, bytes] of added) parts.set(name, new Blob([bytes]));
    for (const name of parts.keys()) if (!run.parts.includes(name)) parts.delete(name);
    this.#runs.set(runId, { run, parts });
  }

  async delete(runId: string, parts?: readonly string[]): Promise<void> {
    if (!parts) this.#runs.delete(runId);
    for (const name of parts ?? []) this.#runs.get(runId)?.parts.delete(name);
  }
}
