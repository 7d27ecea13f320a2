/** What cannot be done with stored runs now, and why. Pure. */
import { isActive, type Run } from "../store/run.ts";
import type { AppState } from "../store/state.ts";

/** Why none can be opened, nor its settings be taken; null when they can. */
export function whyNotOpen({ backend, run, ...state }: AppState): string | null {
  if (backend.status === "failed") return "There is nothing to compute on: reload the page.";
  if (isActive(run))
    return `“${nameOf(run, state)}” is being trained. Stop it to delete it, or to open another.`;
  if (state.trainRequested || state.continueRequested) return "A run is about to start.";
  return null;
}

/** The same of training one on. */
export function whyNotResume(state: AppState): string | null {
  if (whyNotOpen(state) !== null) return whyNotOpen(state);
  return state.stored.isTrainingElsewhere
    ? "Another tab is training, and only one can at a time. Here you can open runs, but not resume them."
    : null;
}

/** Whether a run is the one that this tab trains. */
export function isTrained({ run }: AppState, runId: string): boolean {
  return isActive(run) && run.runId === runId;
}

/** It may have been renamed since it began. */
function nameOf({ runId, name }: Run, { stored }: Pick<AppState, "stored">): string {
  return stored.runs?.find((run) => run.runId === runId)?.name ?? name;
}
