import { formatCount } from "../../../runtime/format.ts";
import { isActive, numSteps } from "../../state/slices/run.ts";
import { isTrained } from "../../state/slices/sampledNetwork.ts";
import { settingsFitWeights } from "../../state/slices/weights.ts";
import type { AppState } from "../../state/state.ts";

/** Whose weights the page has; what Train begins with is said below it. */
export function weightsTitle({ run, weights }: AppState): string {
  if (weights.loaded || weights.loading !== null) return "Loaded weights";
  return isTrained({ run, weights }) ? "Weights of the run" : "New weights";
}

/** The same in a line, where none are loaded from a file. */
export function weightsWords({ run, weights }: AppState): string {
  if (!run || !isTrained({ run, weights })) return "Random numbers, from the seed";
  const words = isActive(run) ? "in training" : `${formatCount(numSteps(run))} steps`;
  return `“${run.name}”, ${words}`;
}

/** What the weights of the loaded file are used for, given the settings. */
export function loadedWords(state: AppState): string {
  const { run, weights } = state;
  if (!weights.loaded) return "";
  if (isActive(run) && run.size?.startedFrom === null) {
    return "The run has a different network and started from scratch.";
  }
  if (!settingsFitWeights(state)) {
    return "The settings describe a different network, so Train starts from scratch.";
  }
  const { numParameters, trainedSteps, hasSettings } = weights.loaded;
  const steps = trainedSteps === null ? "" : `, ${formatCount(trainedSteps)} steps`;
  const starts = state.config.distilFrom > 0 ? "Train distils them." : "Train starts from them.";
  const begins = isActive(run) ? "The run started from them." : starts;
  const isRunSampled = !isActive(run) && !weights.isSampled && isTrained(state);
  const source = isRunSampled ? " Digits come from the open run." : "";
  const settings = hasSettings
    ? "The settings that the file names are in the form."
    : "The file does not say how it was trained: check objective and schedule.";
  return `${formatCount(numParameters)} parameters${steps}. ${begins}${source} ${settings}`;
}
