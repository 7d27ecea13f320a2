import { useState } from "react";
import { formatDuration } from "../../runtime/format.ts";

/** Before that the estimate is unsteady, and most things are done. */
const MIN_ELAPSED_MS = 1000;

interface Progress {
  /** Since it was seen first. */
  elapsedMs: number;
  /** How much of the whole was done when it was seen first. */
  fractionBefore: number;
  /** How much of the whole is done now, from 0 to 1. */
  fraction: number;
}

/** `, 12 s left` at the pace so far; nothing in the first second, without progress, and at the end. */
export function formatTimeLeft({ elapsedMs, fractionBefore, fraction }: Progress): string {
  const done = fraction - fractionBefore;
  if (elapsedMs < MIN_ELAPSED_MS || !(done > 0) || fraction >= 1) return "";
  return `, ${formatDuration((elapsedMs / done) * (1 - fraction))} left`;
}

/** `formatTimeLeft` of something that began when this component appeared. */
export function useTimeLeft(fraction: number): string {
  const [before] = useState(() => ({ ms: performance.now(), fraction }));
  return formatTimeLeft({
    elapsedMs: performance.now() - before.ms,
    fractionBefore: before.fraction,
    fraction,
  });
}
