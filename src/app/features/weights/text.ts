/** What people read of weights; of loaded ones see loaded/text.ts. Pure. */
import { counted } from "../../../runtime/format.ts";
import { isActive, numSteps } from "../../state/slices/run.ts";
import { isTrained } from "../../state/slices/sampledNetwork.ts";
import type { AppState } from "../../state/state.ts";

/** After the words of the weights. */
export const BEGIN_HELP = "Train starts a new run, Resume continues one.";

/** Whose weights the page has; what Train begins with is said below it. */
export function weightsTitle({ run, weights }: AppState): string {
  if (weights.loaded || weights.loading !== null) return "Loaded weights";
  return isOfRun({ run, weights }) ? "Weights of the run" : "New weights";
}

function isOfRun({ run, weights }: Pick<AppState, "run" | "weights">): boolean {
  return isTrained({ run, weights }) || run?.size?.startedFrom != null;
}

/** The same in a line, where none are loaded from a file. */
export function weightsWords({ run, weights }: AppState): string {
  if (!run || !isOfRun({ run, weights })) return "Random numbers, from the seed";
  const startedFrom = run.size?.startedFrom ?? null;
  const from = startedFrom === null ? "" : `, begun with ${startedFrom}`;
  const words = isActive(run) ? "in training" : counted(numSteps(run), "step");
  return `“${run.name}”, ${words}${from}`;
}
