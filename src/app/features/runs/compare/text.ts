/** What people read in the view of comparisons. Pure. */
import { type Chart, isOfSamples } from "../../../shared/charts/series/charts.ts";
import type { ComparedRun } from "./comparedRuns.ts";

export const NOTHING_STORED =
  "Runs you train are kept in this browser. Here you can compare them: their losses in one chart, their digits side by side, and the settings that differ.";

/** In place of the comparison: nothing was chosen, or nothing of it can be read. */
export const CHOOSE_RUNS =
  "Tick two or more runs to compare their losses in one chart, their digits side by side, and the settings that differ.";
export const NONE_READ = "These runs could not be read. Why is said under their names.";

const NOT_RECORDED = "Not recorded for these runs";

/** In place of curves: why there are none. */
export function emptyWords(runs: readonly ComparedRun[], chart: Chart): string {
  if (!runs.some(({ steps }) => steps.length > 0)) return "None of these runs has made a step yet";
  return isOfSamples(chart)
    ? "None of these runs was measured. Turn on “Measure every” to measure samples after epochs."
    : NOT_RECORDED;
}

export function emptyTimestepsWords(runs: readonly ComparedRun[]): string {
  const hasEpochs = runs.some(({ epochs }) => epochs.length > 0);
  return hasEpochs ? NOT_RECORDED : "Appears after the first epoch of a run";
}

export function saveDigitsWords(name: string): string {
  return `Save PNG of the digits of ${name}`;
}
