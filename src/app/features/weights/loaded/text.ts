/** What people read of loaded weights; loaded with them, so that the page's first load is no longer. Pure. */
import { stepsMadeFor } from "../../../../engine/config/studentSteps.ts";
import { counted, formatCount } from "../../../../runtime/format.ts";
import { settingsFitWeights } from "../../../state/slices/weights.ts";
import type { AppState } from "../../../state/state.ts";

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
