/** What the browser keeps from one visit to the next. Mantine's `useLocalStorage` is 0.7 KB of the page's first load. */

/** The key has any text where the person wants the screen kept awake in training, and none where not. */
export const KEEPS_AWAKE = "keeps-awake";

/** Null where there is none; undefined where the browser keeps nothing, as when site data are blocked. */
export function kept(key: string): string | null | undefined {
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
export function keep(key: string, text: string | null): boolean {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
