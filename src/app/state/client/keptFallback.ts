import type { Fallback } from "../../../runtime/run/events.ts";
import { keep, kept } from "../kept.ts";

const KEY = "graphics-fallback";

/** What this browser says that it is; nothing in tests without one. */
export const BROWSER = globalThis.navigator?.userAgent ?? "";

/** Another browser, or another build of this page, may have no trouble with the graphics device. */
const OF = `${BROWSER} ${import.meta.url}`;

/** What the graphics device came to at an earlier visit; null where it did not fail. */
export function keptFallback(): Fallback | null {
  try {
    const { of, fallback } = JSON.parse(kept(KEY) ?? "{}");
    return of === OF ? fallback : null;
  } catch {
    return null;
  }
}

/** @param fallback null to have the device tried anew */
export function keepFallback(fallback: Fallback | null): void {
  keep(KEY, fallback && JSON.stringify({ of: OF, fallback }));
}
