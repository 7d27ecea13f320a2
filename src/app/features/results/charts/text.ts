/** What people read in the view of charts, where there is nothing to draw yet. Pure. */
import { epochWord } from "../../../../runtime/format.ts";
import { hasSteps } from "../../../shared/charts/series/assignmentRun.ts";
import { type Chart, isOfSamples } from "../../../shared/charts/series/charts.ts";
import type { Run } from "../../../state/slices/run.ts";

export const NO_RUN = {
  assignment:
    "The dashed curve is the validation loss of the course assignment, trained for 100 epochs in PyTorch. The jump after epoch 80 was in that run.",
  own: "Your own run is drawn here as it trains.",
};

export const NO_BUCKETS =
  "After each validation you see here how large the loss is for nearly clean images, and for nearly pure noise.";

/** `Appears after the first step` */
function appearsAfterWords(what: string): string {
  return `Appears after the first ${what}`;
}

/** What stands in place of the losses by timestep before there are any. */
export function noTimestepsWords(run: Run | null): string {
  const words = appearsAfterWords("validation");
  return hasSteps(run) ? words : `Your run's loss by how noisy the image is. ${words}`;
}

/** In place of curves. */
export function emptyWords(run: Run | null, chart: Chart): string {
  if (!hasSteps(run)) return appearsAfterWords("step");
  const { config, epochs } = run;
  if (isOfSamples(chart)) {
    const first = Math.min(config.evaluateEvery, config.epochs);
    return epochs.length < first
      ? `Measured after ${epochWord(config)} ${first}`
      : "Nothing was measured";
  }
  const isToCome = chart.metrics[0]?.of === "epoch" && epochs.length === 0;
  return isToCome ? appearsAfterWords(epochWord(config)) : "Not recorded for this run";
}
