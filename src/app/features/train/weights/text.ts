/** What people read of weights. Pure. */
import { stepsMadeFor } from "../../../../engine/config/studentSteps.ts";
import { counted, formatCount } from "../../../../runtime/format.ts";
import { isActive, numSteps } from "../../../state/slices/run.ts";
import { isTrained } from "../../../state/slices/sampledNetwork.ts";
import { settingsFitWeights } from "../../../state/slices/weights.ts";
import type { AppState } from "../../../state/state.ts";

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

/** Whose weights the page has, in one line, where none are loaded from a file; null before there are any. */
export function weightsText({ run, weights, stored }: AppState): string | null {
  // Room for those of the run of the address.
  if (run === null && stored.addressed?.problem === null) return "\u00a0";
  if (!run || !isOfRun({ run, weights })) return null;
  const startedFrom = run.size?.startedFrom ?? null;
  const from = startedFrom === null ? "" : `, begun with ${startedFrom}`;
  const words = isActive(run) ? "in training" : counted(numSteps(run), "step");
  return `“${run.name}”, ${words}${from}`;
}

export const FORGET_HELP =
  "Forget these weights and their settings: the next run starts from scratch";

/** What loaded weights are used for, given the settings. */
export function loadedWords(state: AppState): string {
  const { weights } = state;
  if (!weights.loaded) return "";
  if (!settingsFitWeights(state)) {
    return "The settings describe a different network, so Train starts from scratch.";
  }
  const { numParameters, trainedSteps, hasSettings, config } = weights.loaded;
  const steps = trainedSteps === null ? "" : ` after ${counted(trainedSteps, "step")}`;
  const madeFor = stepsMadeFor(config);
  const student = madeFor === null ? "" : ` A student for ${counted(madeFor, "sampling step")}.`;
  const begins = state.config.distilFrom > 0 ? "Train distils it." : "Train starts from it.";
  const settings = hasSettings
    ? "Its settings are in the form."
    : "The file does not say how it was trained: check objective and schedule.";
  return `A network of ${formatCount(numParameters)} parameters${steps}.${student} ${begins} ${settings}`;
}
