/** Whether this browser had stored runs at the last visit: room is kept for them until the worker tells them. */
const KEY = "has-runs";

/** False where the browser stores nothing. */
export function hadRuns(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function rememberRuns(hasRuns: boolean): void {
  try {
    if (hasRuns) localStorage.setItem(KEY, "yes");
    else localStorage.removeItem(KEY);
  } catch {
    // What comes later then moves what is below it.
  }
}
