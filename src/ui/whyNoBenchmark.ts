import { whyNotIdle } from "../store/idle.ts";
import type { AppState } from "../store/state.ts";

/** Why the device cannot be measured now; null when nothing else computes on it. */
export function whyNoBenchmark(state: AppState): string | null {
  const isTiming = state.epochTiming.running !== null;
  return (
    whyNotIdle(state) ?? (isTiming ? "An epoch is being timed. Wait until that is done." : null)
  );
}
