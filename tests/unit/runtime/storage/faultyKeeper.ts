import type { Keeper } from "../../../../src/runtime/storage/keeper.ts";
import type { Bytes, KeptRun, UnreadableRun } from "../../../../src/runtime/storage/records.ts";

export type Stored = Map<string, { run: KeptRun | UnreadableRun; parts: Map<string, Bytes> }>;

/** The room that several keepers share, in bytes of parts. */
export class Room {
  quota = Number.POSITIVE_INFINITY;
  readonly #stores: Stored[] = [];

  store(): Stored {
    const stored: Stored = new Map();
    this.#stores.push(stored);
    return stored;
  }

  get usedBytes(): number {
    let sum = 0;
    for (const stored of this.#stores) {
      for (const { parts } of stored.values()) {
        for (const bytes of parts.values()) sum += bytes.length;
      }
    }
    return sum;
  }
}

/** A keeper in memory whose room ends, and that can be made to fail, to lose, to fall back and to damage what it has. */
export class FaultyKeeper implements Keeper {
  readonly place: string;
  readonly stored: Stored;
  readonly #room: Room;
  /** Called before whatever is done with it; what it throws fails that. */
  onUse: (isWrite: boolean) => Promise<void> | void = () => {};

  constructor(place = "the browser’s database", room = new Room(), stored = room.store()) {
    this.place = place;
    this.#room = room;
    this.stored = stored;
  }

  async list(): Promise<string[]> {
    await this.onUse(false);
    return [...this.stored.keys()];
  }

  async find(runId: string): Promise<KeptRun | UnreadableRun | null> {
    await this.onUse(false);
    return this.stored.get(runId)?.run ?? null;
  }

  async parts(runId: string): Promise<ReadonlySet<string>> {
    await this.onUse(false);
    return new Set(this.stored.get(runId)?.parts.keys());
  }

  async read(runId: string, part: string): Promise<Bytes | null> {
    await this.onUse(false);
    return this.stored.get(runId)?.parts.get(part) ?? null;
  }

  async write(
    run: KeptRun,
    added: ReadonlyMap<string, Bytes>,
    onPart?: (() => void) | undefined,
  ): Promise<void> {
    await this.onUse(true);
    const { runId } = run.record;
    const before = this.stored.get(runId)?.parts ?? new Map<string, Bytes>();
    // As in a browser, the new is there before the old is deleted.
    let numBytes = 0;
    for (const [name, bytes] of added) {
      if (!before.has(name)) numBytes += bytes.length;
      onPart?.();
    }
    if (numBytes > 0 && this.#room.usedBytes + numBytes > this.#room.quota) {
      throw new DOMException("full", "QuotaExceededError");
    }
    const parts = new Map([...before, ...added]);
    for (const name of parts.keys()) if (!run.parts.includes(name)) parts.delete(name);
    this.stored.set(runId, { run, parts });
  }

  async delete(runId: string, parts?: readonly string[]): Promise<void> {
    await this.onUse(true);
    if (!parts) this.stored.delete(runId);
    for (const name of parts ?? []) this.stored.get(runId)?.parts.delete(name);
  }

  /** All that it has now, to be put back by `fallBack`. */
  remember(): Stored {
    return new Map(
      [...this.stored].map(([runId, { run, parts }]) => [runId, { run, parts: new Map(parts) }]),
    );
  }

  fallBack(to: Stored = new Map()): void {
    this.stored.clear();
    for (const [runId, { run, parts }] of to)
      this.stored.set(runId, { run, parts: new Map(parts) });
  }

  /** Damages the parts of a run whose names begin so; `null` takes them away. */
  damage(runId: string, start: string, bytes: Bytes | null): void {
    const parts = this.stored.get(runId)?.parts;
    for (const name of [...(parts?.keys() ?? [])].filter((name) => name.startsWith(start))) {
      if (bytes) parts?.set(name, bytes);
      else parts?.delete(name);
    }
  }
}
