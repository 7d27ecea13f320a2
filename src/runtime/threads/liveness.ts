/**
 * Whether a worker still lives. A browser does not report a worker that ends without an error, by `close()` or because its
 * memory was needed; but it then releases the locks that the worker held (Web Locks). So a worker holds one, and whoever
 * depends on the worker waits for it: `replicaThread.ts` for a thread, `workers.ts` for the page. Without locks such an end goes unnoticed.
 */

import { browserLocks } from "../storage/locks.ts";

/** Holds the lock of this worker until it ends, from the time on when the promise is fulfilled. */
export function holdUntilEnd(name: string): Promise<void> {
  return new Promise((resolve) => {
    const held = browserLocks()?.request(name, () => {
      resolve();
      return new Promise(() => {});
    });
    if (held) held.catch(() => resolve());
    else resolve();
  });
}

/**
 * Calls back once the worker that holds the lock has ended.
 *
 * @param name of a worker that has told something, so that it holds its lock already
 * @returns ends the waiting
 */
export function whenEnded(name: string, call: () => void): () => void {
  const waiting = new AbortController();
  browserLocks()
    ?.request(name, { signal: waiting.signal }, () => call())
    // Ended, or refused as where site data are blocked.
    .catch(() => {});
  return () => waiting.abort();
}
