/** Whether the walk through the page is due: on a first visit, until it was gone through or skipped. */

/** Where the browser keeps that it was; whatever is there counts. */
export const FIRST_STEPS_KEY = "first-steps";

/** Where nothing can be kept it is not due: it would come again at every visit. */
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
    // It was not due by itself there, but asked for.
  }
}
