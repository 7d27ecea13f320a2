import "fake-indexeddb/auto";
import { vi } from "vitest";
import { BackedUpRuns } from "../../../../src/runtime/storage/backedUpRuns.ts";
import { openDatabase, TABLES } from "../../../../src/runtime/storage/database.ts";
import { asHandle, bytesIn, type Entries, MemoryFolder } from "./memoryFolder.ts";
import { asLockManager, MemoryLocks } from "./memoryLocks.ts";

type Undo = () => void;

const READS = ["get", "getAll", "getAllKeys", "count", "openCursor"] as const;

/**
 * A browser's disk with a database and files, in memory: with a quota, and tabs that are killed at any
 * of their steps. The quota counts files, checkpoints, snapshots and 110 bytes for each step of a history.
 */
export class MemoryBrowser {
  quota = Number.POSITIVE_INFINITY;
  readonly files: Entries = new Map();
  readonly locks = new MemoryLocks();
  /** Of what lies in the database, by table and key. */
  readonly #sizes = new Map<string, number>();
  readonly #undo = new WeakMap<IDBTransaction, Undo[]>();
  readonly #tabs = new WeakMap<IDBDatabase, Tab>();
  #opening: Tab | null = null;

  /** In place of the database's own methods until `vi.restoreAllMocks`; begins empty. */
  static async start(): Promise<MemoryBrowser> {
    const browser = new MemoryBrowser();
    await browser.loseDatabase();
    browser.#install();
    return browser;
  }

  get usedBytes(): number {
    let sum = bytesIn(this.files);
    for (const size of this.#sizes.values()) sum += size;
    return sum;
  }

  /** Of a run, without its copy. */
  databaseBytes(runId: string): number {
    let sum = 0;
    for (const [place, size] of this.#sizes) {
      if (JSON.parse(place.slice(place.indexOf(" ")))[0] === runId) sum += size;
    }
    return sum;
  }

  /** A page that is loaded; the stored runs as it finds them. */
  async openTab(): Promise<Tab> {
    const tab = new Tab(this);
    this.#opening = tab;
    const surroundings = {
      folder: async () => {
        await tab.onUse();
        return asHandle(new MemoryFolder(this.files, tab));
      },
      locks: asLockManager(this.locks),
      freeBytes: async () => this.quota - this.usedBytes,
      // Freed room counts at once: one who waits finds no more.
      wait: async () => {},
    };
    tab.runs = await BackedUpRuns.open(() => {}, surroundings);
    // So that the connection is known before another tab opens one.
    await tab.runs.database.list();
    return tab;
  }

  /** The database alone, as after a kill. */
  async loseDatabase(): Promise<void> {
    this.#opening = null;
    const database = await openDatabase(() => {});
    for (const table of TABLES) await database.clear(table);
    database.close();
    this.#sizes.clear();
  }

  async clearSiteData(): Promise<void> {
    await this.loseDatabase();
    this.files.clear();
  }

  /** @throws DOMException where there is no room for so many bytes more */
  checkRoom(numBytes: number): void {
    if (numBytes > 0 && this.usedBytes + numBytes > this.quota) {
      throw new DOMException("full", "QuotaExceededError");
    }
  }

  #install(): void {
    const browser = this;
    const proto = IDBObjectStore.prototype;
    for (const name of ["put", "add"] as const) {
      const original = proto[name];
      vi.spyOn(proto, name).mockImplementation(function (this: IDBObjectStore, value, key) {
        browser.#use(this.transaction);
        const place = `${this.name} ${JSON.stringify([value.runId, value.step ?? 0])}`;
        const size = sizeOf(value);
        browser.checkRoom(size - (browser.#sizes.get(place) ?? 0));
        browser.#setSize(this.transaction, place, size);
        return original.call(this, value, key);
      });
    }
    const { delete: remove } = proto;
    vi.spyOn(proto, "delete").mockImplementation(function (this: IDBObjectStore, query) {
      browser.#use(this.transaction);
      for (const place of browser.#sizes.keys()) {
        const [runId, step] = JSON.parse(place.slice(place.indexOf(" ")));
        const key = this.name === "runs" ? runId : [runId, step];
        const isMeant =
          query instanceof IDBKeyRange ? query.includes(key) : indexedDB.cmp(query, key) === 0;
        if (place.startsWith(`${this.name} `) && isMeant) {
          browser.#setSize(this.transaction, place, 0);
        }
      }
      return remove.call(this, query);
    });
    for (const name of READS) {
      const original = proto[name] as (...args: unknown[]) => IDBRequest;
      vi.spyOn(proto, name).mockImplementation(function (this: IDBObjectStore, ...args: unknown[]) {
        browser.#use(this.transaction);
        return original.apply(this, args) as never;
      });
    }
    const { abort } = IDBTransaction.prototype;
    vi.spyOn(IDBTransaction.prototype, "abort").mockImplementation(function (this: IDBTransaction) {
      for (const undo of browser.#undo.get(this)?.toReversed() ?? []) undo();
      browser.#undo.delete(this);
      return abort.call(this);
    });
  }

  #use(transaction: IDBTransaction): void {
    const { db } = transaction;
    const tab = this.#tabs.get(db) ?? this.#opening;
    if (!tab) return;
    this.#tabs.set(db, tab);
    if (tab.takeStep()) return;
    // What a killed tab has not committed is not kept.
    transaction.abort();
    throw new DOMException("killed", "AbortError");
  }

  #setSize(transaction: IDBTransaction, place: string, size: number): void {
    const before = this.#sizes.get(place) ?? 0;
    const undo = this.#undo.get(transaction) ?? [];
    undo.push(() => this.#sizes.set(place, before));
    this.#undo.set(transaction, undo);
    this.#sizes.set(place, size);
  }
}

/** A page that is loaded, until it is killed. */
export class Tab {
  runs = null as unknown as BackedUpRuns;
  #stepsLeft = Number.POSITIVE_INFINITY;
  /** Its files can be read only. */
  isReadOnly = false;
  /** So many of its next deletions of files fail. */
  failingRemovals = 0;
  /** Called before whatever it does with files. */
  beforeFile: () => Promise<void> | void = () => {};
  readonly #browser: MemoryBrowser;
  #end: () => void = () => {};
  readonly #ended: Promise<void>;

  constructor(browser: MemoryBrowser) {
    this.#browser = browser;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get isKilled(): boolean {
    return this.#stepsLeft < 0;
  }

  /** @returns false where it is killed before that */
  takeStep(): boolean {
    this.#stepsLeft--;
    if (this.isKilled) this.#end();
    return !this.isKilled;
  }

  kill(): void {
    this.#stepsLeft = 0;
  }

  /** Nothing that a killed tab asks of the disk ever comes back. */
  async onUse(): Promise<void> {
    await this.beforeFile();
    if (!this.takeStep()) await new Promise(() => {});
  }

  onWrite(numBytes: number): void {
    if (this.isReadOnly) throw new DOMException("read only", "InvalidStateError");
    this.#browser.checkRoom(numBytes);
  }

  onRemove(): void {
    if (this.failingRemovals === 0) return;
    this.failingRemovals--;
    throw new DOMException("in use", "NoModificationAllowedError");
  }

  /** What the work gives; "killed" where the tab is killed after so many of its steps. */
  async doing<T>(
    work: () => Promise<T>,
    stepsLeft = Number.POSITIVE_INFINITY,
  ): Promise<T | "killed"> {
    this.#stepsLeft = stepsLeft;
    const result = await Promise.race([
      work().catch((error) => {
        if (this.isKilled) return "killed" as const;
        throw error;
      }),
      this.#ended.then(() => "killed" as const),
    ]);
    if (!this.isKilled) {
      this.#stepsLeft = Number.POSITIVE_INFINITY;
      return result;
    }
    this.#browser.locks.forget();
    this.runs.database.close();
    return "killed";
  }
}

function sizeOf(value: {
  bytes?: Uint8Array;
  pixels?: Uint8Array;
  steps?: readonly unknown[];
}): number {
  return (
    (value.bytes?.length ?? 0) + (value.pixels?.length ?? 0) + 110 * (value.steps?.length ?? 0)
  );
}
