import { isActive } from "../store/run.ts";
import type { AppState } from "../store/state.ts";

/** Why the device cannot be measured now; null when nothing else computes on it. */
export function whyNoBenchmark({ backend, run, trainRequested, samples }: AppState): string | null {
  if (backend.status === "failed") return "There is no backend to compute on.";
  if (backend.status === "starting") return "The backend is still starting.";
  const isPaused = run?.status === "paused" && run.asked === null;
  if (trainRequested || (isActive(run) && !isPaused)) {
    return "A run is in progress, and would compute at the same time. Pause or stop it first.";
  }
  return samples.requestedId === null ? null : "Digits are being drawn. Wait until they are done.";
}
