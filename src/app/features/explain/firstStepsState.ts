/** Whether the first steps are due: on a first visit, until they were gone through or skipped. */
import type { AppState } from "../../state/state.ts";

/** Where the browser keeps that they were; whatever is there counts. */
export const FIRST_STEPS_KEY = "first-steps";

/** Where nothing can be kept they are not due: they would come again at every visit. */
export function areFirstStepsDue(storage: () => Pick<Storage, "getItem">): boolean {
  try {
    return storage().getItem(FIRST_STEPS_KEY) === null;
  } catch {
    return false;
  }
}

/** For ever, or where nothing can be kept until the page is left. */
export function rememberFirstSteps(storage: () => Pick<Storage, "setItem">): void {
  try {
    storage().setItem(FIRST_STEPS_KEY, "done");
  } catch {
    // They were not due by themselves there, but asked for.
  }
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
