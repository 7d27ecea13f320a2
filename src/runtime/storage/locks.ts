/** Web Locks, or as much of them as is used. */
export type Locks = Pick<LockManager, "request">;

/** Null where there are none, as on plain http, or where the browser refuses them, as where site data are blocked. */
export function browserLocks(): LockManager | null {
  try {
    return globalThis.navigator?.locks ?? null;
  } catch {
    return null;
  }
}

/** Held by the worker while it trains, and waited for by its page: see `app/state/client/background.ts`. */
export const AWAKE_LOCK = "diffusion-mnist-awake";

/** Nothing that is done under a lock takes so long on a disk that works. */
const WAIT_MS = 5000;

/**
 * Runs the work while the lock is held; without it where the browser has no locks or refuses them, as
 * where site data are blocked.
 *
 * @param work called with false where the lock is not free, and `ifAvailable` does not wait for it
 * @param onWait called once where the lock has not come for some seconds
 */
export async function withLock<T>(
  locks: Locks | null,
  name: string,
  options: LockOptions,
  work: (isFree: boolean) => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  let isBegun = false;
  const waiting = setTimeout(onWait, WAIT_MS);
  const begin = (lock: Lock | null) => {
    isBegun = true;
    clearTimeout(waiting);
    return work(lock !== null);
  };
  try {
    if (locks) return await locks.request(name, options, begin);
  } catch (error) {
    if (isBegun) throw error;
  } finally {
    clearTimeout(waiting);
  }
  return work(true);
}
