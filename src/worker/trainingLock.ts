import type { Post } from "./protocol.ts";
import type { TabChannel } from "./tabChannel.ts";

const NAME = "diffusion-mnist-training";
const RETRY_MS = 200;
const nameOf = (runId: string) => `${NAME}: ${runId}`;

/**
 * Held by the one tab that trains (Web Locks; the browser gives it free when the tab is closed or
 * crashes). Without Web Locks, on plain http, every tab may train.
 */
export class TrainingLock {
  readonly #locks: LockManager | null =
    (typeof navigator === "undefined" ? undefined : navigator.locks) ?? null;
  readonly #post: Post;
  readonly #tabs: TabChannel;
  #release: (() => void) | null = null;
  /** Whether this tab waits for the one that trains to end. */
  #isWaiting = false;

  constructor(post: Post, tabs: TabChannel) {
    this.#post = post;
    this.#tabs = tabs;
    tabs.onMessage(() => this.watch());
  }

  /** Whether this tab may train the run from now on, until `release`. */
  async acquire(runId: string): Promise<boolean> {
    this.release();
    if (!this.#locks) return true;
    // A tab that waits to learn that the lock is free has it for a moment.
    const isHeld = (await this.#request(runId)) || (await this.#request(runId, RETRY_MS));
    if (isHeld) this.#tabs.tell();
    else await this.watch();
    return isHeld;
  }

  async #request(runId: string, waitMs = 0): Promise<boolean> {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const locks = this.#locks as LockManager;
    return new Promise((answer) => {
      locks.request(NAME, { ifAvailable: true }, (lock) => {
        if (!lock) return answer(false);
        return locks.request(nameOf(runId), () => {
          answer(true);
          return new Promise<void>((resolve) => {
            this.#release = resolve;
          });
        });
      });
    });
  }

  /** Whether any tab trains the run. */
  async isTrained(runId: string): Promise<boolean> {
    const { held } = (await this.#locks?.query()) ?? {};
    return held?.some(({ name }) => name === nameOf(runId)) ?? false;
  }

  release(): void {
    if (!this.#release) return;
    this.#release();
    this.#release = null;
  }

  /** Tells the page when another tab trains, and again when that has ended. */
  async watch(): Promise<void> {
    if (!this.#locks || this.#release || this.#isWaiting) return;
    const { held } = await this.#locks.query();
    if (!held?.some(({ name }) => name === NAME)) return;
    this.#isWaiting = true;
    this.#post({ type: "trainingElsewhere", isElsewhere: true });
    // Given back at once: this tab only learns that it is free.
    await this.#locks.request(NAME, () => {});
    this.#isWaiting = false;
    this.#post({ type: "trainingElsewhere", isElsewhere: false });
  }
}
