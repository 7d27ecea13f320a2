import { isActive } from "./run.ts";
import type { AppState } from "./state.ts";

/** Why the device cannot be measured now; null when nothing else computes on it. */
export function whyNotIdle(state: AppState): string | null {
  const { backend, run, trainRequested, continueRequested, samples, stored } = state;
  if (backend.status === "failed") return "There is no backend to compute on.";
  if (backend.status === "starting") return "The backend is still starting.";
  const isPaused = run?.status === "paused" && run.asked === null;
  if (trainRequested || continueRequested || (isActive(run) && !isPaused)) {
    return "A run is in progress, and would compute at the same time. Pause or stop it first.";
  }
  if (stored.isTrainingElsewhere) {
    return "Another tab trains, and would compute at the same time. Pause or stop its run first.";
  }
  return samples.requestedId === null ? null : "Digits are being drawn. Wait until they are done.";
}
