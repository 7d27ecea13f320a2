/** Web Locks, or as much of them as is used. */
export type Locks = Pick<LockManager, "request">;

/**
 * Runs the work while the lock is held; without it where the browser has no locks or refuses them, as
 * where site data are blocked.
 *
 * @param work called with false where the lock is not free, and `ifAvailable` does not wait for it
 */
export async function withLock<T>(
  locks: Locks | null,
  name: string,
  options: LockOptions,
  work: (isFree: boolean) => Promise<T>,
): Promise<T> {
  let isBegun = false;
  const begin = (lock: Lock | null) => {
    isBegun = true;
    return work(lock !== null);
  };
  try {
    if (locks) return await locks.request(name, options, begin);
  } catch (error) {
    if (isBegun) throw error;
  }
  return work(true);
}
