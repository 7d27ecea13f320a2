type Callback = (lock: Lock | null) => unknown;

/** As much of Web Locks as the storage and the tab that trains use: exclusive ones, for all tabs of a test. */
export class MemoryLocks {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #held = new Map<string, number>();

  /** Called before a lock is asked for. */
  onRequest: () => Promise<void> | void = () => {};

  async request<T>(name: string, ...rest: [Callback] | [LockOptions, Callback]): Promise<T> {
    const call = rest.at(-1) as (lock: Lock | null) => T;
    const { ifAvailable = false } = rest.length === 2 ? (rest[0] as LockOptions) : {};
    await this.onRequest();
    const numHeld = this.#held.get(name) ?? 0;
    if (ifAvailable && numHeld > 0) return call(null);
    this.#held.set(name, numHeld + 1);
    const before = this.#tails.get(name) ?? Promise.resolve();
    const run = before.then(() => call({ name, mode: "exclusive" }));
    const ended = run
      .then(
        () => {},
        () => {},
      )
      .then(() => this.#held.set(name, (this.#held.get(name) ?? 1) - 1));
    this.#tails.set(name, ended);
    try {
      return await run;
    } finally {
      await ended;
    }
  }

  async query(): Promise<LockManagerSnapshot> {
    const held = [...this.#held].filter(([, count]) => count > 0).map(([name]) => ({ name }));
    return { held, pending: [] };
  }

  /** As when the tab that holds some has crashed: its callbacks never end. */
  forget(): void {
    this.#tails.clear();
    this.#held.clear();
  }
}

export function asLockManager(locks: MemoryLocks): LockManager {
  return locks as unknown as LockManager;
}
