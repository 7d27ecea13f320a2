/** Whether the first steps are due: on a first visit, until they were gone through or skipped. */
import { readLocal, writeLocal } from "../../state/localStorage.ts";
import { shownGeneration } from "../../state/slices/samples.ts";
import type { AppState } from "../../state/state.ts";

/** Where the browser stores that they were; any value counts. */
export const FIRST_STEPS_KEY = "first-steps";

/** False where the browser stores nothing: they would come again at every visit. */
export function areFirstStepsDue(): boolean {
  return readLocal(FIRST_STEPS_KEY) === null;
}

/** Keeps the first steps from coming again; where the browser stores nothing, for this visit only. */
export function rememberFirstSteps(): void {
  writeLocal(FIRST_STEPS_KEY, "done");
}

/** Whether they are shown: whatever else there is to read comes first. */
export function showsFirstSteps({
  firstStep,
  view,
  notices,
  stored,
}: Pick<AppState, "firstStep" | "view" | "notices" | "stored">): boolean {
  const hasNews = notices.length > 0 || (stored.addressed?.problem ?? null) !== null;
  return firstStep !== null && view === "train" && !hasNews;
}

/** Tells whether the digits in Train are drawn by one's own run, not by a network that was trained before. */
export function showsOwnDigits({ run, samples }: Pick<AppState, "run" | "samples">): boolean {
  const shown = shownGeneration(samples);
  return shown ? shown.fileName === null : run !== null;
}
