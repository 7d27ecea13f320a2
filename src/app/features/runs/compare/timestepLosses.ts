/** Validation loss over the diffusion timestep, a curve for each of several runs. Pure. */
import { epochWord, formatCount, formatLoss } from "../../../../runtime/format.ts";
import type { ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import {
  epochsUpTo,
  formatRange,
  timestepParts,
  timestepRows,
} from "../../../shared/charts/series/bucketRows.ts";
import type { Series } from "../../../shared/plot/series.ts";
import type { ComparedRun } from "./comparedRuns.ts";
import { runStyle } from "./runStyle.ts";

/** The losses of one epoch of a run, by timestep. */
export interface TimestepLosses {
  place: number;
  /** The run's name after its letter. */
  name: string;
  epoch: number;
  /** `epoch 3` */
  words: string;
  step: number;
  parts: ReturnType<typeof timestepParts>;
}

/**
 * The losses of each run's newest epoch up to a step, null for the last, or of its first epoch where the step is
 * before that one's end. Runs that have recorded none are left out.
 */
export function timestepLosses(
  runs: readonly ComparedRun[],
  upToStep: number | null,
): TimestepLosses[] {
  return runs.flatMap(({ place, name, config, epochs }) => {
    const newest = epochsUpTo(epochs, upToStep).at(-1);
    if (!newest?.bucketLosses.some(Number.isFinite)) return [];
    const { epoch, step, bucketLosses } = newest;
    const parts = timestepParts(bucketLosses, config.timesteps);
    const words = `${epochWord(config)} ${formatCount(epoch)}`;
    return [{ place, name: `${runStyle(place).letter} ${name}`, epoch, words, step, parts }];
  });
}

/** Each with its points in the middle of the parts of [0, T); their "steps" are timesteps. */
export function timestepSeries(losses: readonly TimestepLosses[]): Series[] {
  return losses.map(({ place, name, words, parts }) => {
    const { color, isDashed } = runStyle(place);
    const middles = parts.map(({ first, last }) => (first + last) / 2);
    return {
      key: name,
      name: `${name}, ${words}`,
      color,
      style: isDashed ? "dashed" : "line",
      steps: middles,
      xs: middles,
      values: parts.map(({ loss }) => loss),
    };
  });
}

/** The rows to read. */
export function timestepNumbers(all: readonly TimestepLosses[]): ChartNumbers {
  return {
    columns: ["t", ...all.map(({ name, words }) => `${name}, ${words}`)],
    rows: timestepRows(all.map(({ parts }) => parts)).map(({ losses, ...range }) => [
      formatRange(range),
      ...losses.map((loss) => (Number.isFinite(loss) ? formatLoss(loss) : "")),
    ]),
  };
}

/** By run; null where no image fell. */
export function timestepJson(title: string, losses: readonly TimestepLosses[]): string {
  const runs = losses.map(({ name, epoch, step, parts }) => ({ name, epoch, step, parts }));
  return JSON.stringify({ title, runs });
}
