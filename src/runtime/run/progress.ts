/** How much of something is done, 0 to 1. */
export type OnFraction = (fraction: number) => void;

const INTERVAL_MS = 100;

/** Passes on at most ten fractions a second, and none where all takes less than a tenth. */
export function throttled(onFraction: OnFraction): OnFraction {
  let lastMs = performance.now();
  return (fraction) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < INTERVAL_MS) return;
    lastMs = nowMs;
    onFraction(fraction);
  };
}

/** Maps the fraction of a part to that of the whole, from `start` to `end`. */
export function partOf(onFraction: OnFraction, start: number, end: number): OnFraction {
  return (fraction) => onFraction(start + (end - start) * fraction);
}
