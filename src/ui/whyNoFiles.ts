import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";

/** Why other images or weights cannot be chosen now; null when they can. */
export function whyNoFiles({ backend, run }: AppState): string | null {
  if (backend.status === "failed") return "There is no backend to compute on.";
  return isActive(run) ? "Stop the run to use other files." : null;
}
