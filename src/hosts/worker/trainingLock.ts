import type { Post } from "../../runtime/run/events.ts";
import { AWAKE_LOCK, browserLocks, withLock } from "../../runtime/storage/locks.ts";
import type { TabChannel } from "../../runtime/storage/tabChannel.ts";

const NAME = "diffusion-mnist-training";
const RETRY_MS = 200;
const PREFIX = `${NAME}: `;
const nameOf = (runId: string) => PREFIX + runId;

/**
 * Held by the one tab that trains (Web Locks; the browser releases it when the tab is closed or
 * crashes). Without Web Locks, on plain http or where site data are blocked, every tab may train.
 */
export class TrainingLock {
  #locks: LockManager | null;
  readonly #post: Post;
  readonly #tabs: TabChannel;
  #release: (() => void) | null = null;
  /** Whether this tab waits for the one that trains to end. */
  #isWaiting = false;
  /** The run that it trains; null until that is known. */
  #elsewhereId: string | null = null;

  constructor(post: Post, tabs: TabChannel, locks = browserLocks()) {
    this.#post = post;
    this.#tabs = tabs;
    this.#locks = locks;
    tabs.onMessage(() => this.watch());
  }

  /** Whether this tab may train the run from now on, until `release`. */
  async acquire(runId: string): Promise<boolean> {
    this.release();
    return this.#withLocks(true, async (locks) => {
      // A tab in `watch` holds the lock for a moment.
      const isHeld =
        (await this.#request(locks, runId)) || (await this.#request(locks, runId, RETRY_MS));
      if (isHeld) this.#tabs.tell();
      // Not awaited: it watches for as long as the other tab trains.
      else this.watch();
      return isHeld;
    });
  }

  async #request(locks: LockManager, runId: string, waitMs = 0): Promise<boolean> {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    return new Promise((answer, refuse) => {
      const request = locks.request(NAME, { ifAvailable: true }, (lock) => {
        if (!lock) return answer(false);
        const train = () => {
          const training = new Promise<void>((resolve) => {
            this.#release = resolve;
          });
          locks.request(AWAKE_LOCK, () => training).catch(() => {});
          answer(true);
          return training;
        };
        // A tab that deletes the run holds its lock meanwhile.
        return withLock(locks, nameOf(runId), {}, train, () => this.#tellWaiting());
      });
      request.catch(refuse);
    });
  }

  #tellWaiting(): void {
    const message =
      "Another tab of this page is deleting this run and does not finish. Training waits for it: close that tab if it hangs.";
    this.#post({ type: "storageNote", message });
  }

  /**
   * Does the work while no tab trains the run or begins to.
   *
   * @returns false where one trains it, and nothing was done
   */
  async unlessTrained(runId: string, work: () => Promise<void>): Promise<boolean> {
    return withLock(this.#locks, nameOf(runId), { ifAvailable: true }, async (isFree) => {
      if (isFree) await work();
      return isFree;
    });
  }

  release(): void {
    if (!this.#release) return;
    this.#release();
    this.#release = null;
  }

  /** Posts when another tab trains, and again when that has ended. */
  async watch(): Promise<void> {
    await this.#withLocks(undefined, async (locks) => {
      if (this.#release) return;
      const names = await heldNames(locks);
      if (!names.includes(NAME)) return;
      // The other tab takes the lock of its run after that of training, and tells then.
      const runId = names.find((name) => name.startsWith(PREFIX))?.slice(PREFIX.length) ?? null;
      if (this.#isWaiting && (runId === null || runId === this.#elsewhereId)) return;
      this.#elsewhereId = runId;
      this.#post({ type: "trainingElsewhere", isElsewhere: true, runId });
      if (this.#isWaiting) return;
      this.#isWaiting = true;
      // Released at once.
      await locks.request(NAME, () => {});
      this.#isWaiting = false;
      this.#post({ type: "trainingElsewhere", isElsewhere: false, runId: null });
    });
  }

  /** The result of the work; `otherwise` where the browser has no locks, or refuses them. */
  async #withLocks<T>(otherwise: T, work: (locks: LockManager) => Promise<T>): Promise<T> {
    if (!this.#locks) return otherwise;
    try {
      return await work(this.#locks);
    } catch {
      this.#locks = null;
      return otherwise;
    }
  }
}

async function heldNames(locks: LockManager): Promise<string[]> {
  const { held = [] } = await locks.query();
  return held.flatMap(({ name }) => name ?? []);
}
