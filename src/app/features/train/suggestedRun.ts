/** Which stored run is offered beside Train. Pure. */
import { isActive } from "../../state/slices/run.ts";
import { isUnfinished, type ReadableRun, shownOrNewestRun } from "../../state/slices/storedRuns.ts";
import type { AppState } from "../../state/state.ts";

/** Something can be done with it: opened where none is, trained on where there is more to train. */
export function suggestedRun(state: AppState): ReadableRun | null {
  const { run, stored, trainRequested, continueRequested } = state;
  if (isActive(run) || trainRequested || continueRequested) return null;
  const candidate = shownOrNewestRun(stored, run);
  return run && !isUnfinished(candidate) ? null : candidate;
}

/** The one that a click on Resume would train on; null while another is trained, or will be. */
export function resumableRun(state: AppState): ReadableRun | null {
  const run = suggestedRun(state);
  return isUnfinished(run) ? run : null;
}
