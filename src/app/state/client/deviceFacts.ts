/** What this browser has found out about its graphics device, kept from one visit to the next. */
import type { Fallback, Proof } from "../../../runtime/run/events.ts";
import { readLocal, writeLocal } from "../localStorage.ts";

const KEY = "graphics-device";

/** What this browser says that it is; nothing in tests without one. */
export const BROWSER = globalThis.navigator?.userAgent ?? "";

/** Another browser, or another build of this page, may have no trouble with the graphics device, or more. */
const OF = `${BROWSER} ${import.meta.url}`;

export interface DeviceFacts {
  /** Where the device is on the ladder since it failed; null where it has not. */
  fallback: Fallback | null;
  /** What it has proven itself with; null before it has. */
  proof: Proof | null;
}

const NONE: DeviceFacts = { fallback: null, proof: null };

/** The facts of earlier visits. */
export function keptFacts(): DeviceFacts {
  try {
    const { of, ...facts } = JSON.parse(readLocal(KEY) ?? "{}");
    return of === OF ? facts : NONE;
  } catch {
    return NONE;
  }
}

/** @param facts null to have the device tried anew */
export function keepFacts(facts: DeviceFacts | null): void {
  writeLocal(KEY, facts && JSON.stringify({ of: OF, ...facts }));
}
