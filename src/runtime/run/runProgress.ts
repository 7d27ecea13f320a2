import type { Post } from "./events.ts";

/** How much of something is done, 0 to 1. */
export type OnFraction = (fraction: number) => void;

const INTERVAL_MS = 100;

/** Tells the page how far a run is opened or exported. */
export function runProgress(post: Post, runId: string): OnFraction {
  return seldom((fraction) => post({ type: "runProgress", runId, fraction }));
}

/** Tells the page how far a run that was read from a file is taken in. */
export function importProgress(post: Post, fileName: string): OnFraction {
  return seldom((fraction) => post({ type: "importProgress", fileName, fraction }));
}

/** What takes no time is not worth a word. */
function seldom(tell: OnFraction): OnFraction {
  let toldMs = performance.now();
  return (fraction) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < INTERVAL_MS) return;
    toldMs = nowMs;
    tell(fraction);
  };
}

/** Of a part of the whole, from `start` to `end`. */
export function partOf(onFraction: OnFraction, start: number, end: number): OnFraction {
  return (fraction) => onFraction(start + (end - start) * fraction);
}
