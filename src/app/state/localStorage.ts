/** The browser's `localStorage`, which throws where site data are blocked. */

/** The key has any text where the person wants the screen kept awake in training, and none where not. */
export const KEEPS_AWAKE = "keeps-awake";

/** Null where there is none; undefined where the browser keeps nothing, as when site data are blocked. */
export function readLocal(key: string): string | null | undefined {
  try {
    return localStorage.getItem(key);
  } catch {
    return undefined;
  }
}

/**
 * @param text null to forget it
 * @returns whether the browser has done so
 */
export function writeLocal(key: string, text: string | null): boolean {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
