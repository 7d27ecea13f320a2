/** Validation loss over the diffusion timestep, a curve for each of several runs. Pure. */
import { bucketTimesteps } from "../../../engine/config/timestepBuckets.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import { formatCount, formatLoss } from "../../../runtime/format.ts";
import type { ChartNumbers } from "../../shared/charts/ChartFrame.tsx";
import { epochsUpTo } from "../../shared/charts/series/bucketRows.ts";
import type { Series } from "../../shared/plot/series.ts";
import type { ComparedRun } from "../../state/slices/comparison.ts";
import { runStyle } from "./runStyle.ts";

/** Of one epoch of a run, from t = 0 up. */
export interface TimestepLosses {
  place: number;
  /** With its letter. */
  name: string;
  epoch: number;
  step: number;
  parts: TimestepPart[];
}

interface TimestepPart {
  first: number;
  last: number;
  /** NaN where no image fell. */
  loss: number;
}

/**
 * Of each run's newest epoch up to a step, null for the last, and of its first where the step is before
 * its end; without the runs that have recorded none.
 */
export function timestepLosses(
  runs: readonly ComparedRun[],
  upToStep: number | null,
): TimestepLosses[] {
  return runs.flatMap(({ place, name, config, epochs }) => {
    const newest = epochsUpTo(epochs, upToStep).at(-1);
    if (!newest?.bucketLosses.some(Number.isFinite)) return [];
    const { epoch, step, bucketLosses } = newest;
    const [numBuckets, numTimesteps] = [bucketLosses.length, config.timesteps];
    const parts = bucketLosses
      .map((loss, bucket) => ({ ...bucketTimesteps({ bucket, numBuckets, numTimesteps }), loss }))
      .filter(({ first, last }) => first <= last);
    return [{ place, name: `${runStyle(place).letter} ${name}`, epoch, step, parts }];
  });
}

/** Each with its points in the middle of the parts of [0, T); their "steps" are timesteps. */
export function timestepSeries(losses: readonly TimestepLosses[]): Series[] {
  return losses.map(({ place, name, epoch, parts }) => {
    const { color, isDashed } = runStyle(place);
    const middles = parts.map(({ first, last }) => (first + last) / 2);
    return {
      key: name,
      name: `${name}, epoch ${formatCount(epoch)}`,
      color,
      style: isDashed ? "dashed" : "line",
      steps: middles,
      xs: middles,
      values: parts.map(({ loss }) => loss),
    };
  });
}

export interface TimestepRow {
  first: number;
  last: number;
  /** Of each run; null where it has none of just these timesteps. */
  values: (number | null)[];
}

/** A row for each range of timesteps that any of the runs has, ascending. */
export function timestepRows(losses: readonly TimestepLosses[]): TimestepRow[] {
  const all = losses.flatMap(({ parts }) => parts);
  const isSame = (a: TimestepPart, b: TimestepPart) => a.first === b.first && a.last === b.last;
  return all
    .filter((part, i) => all.findIndex((other) => isSame(part, other)) === i)
    .sort((a, b) => a.first - b.first || a.last - b.last)
    .map((row) => ({
      first: row.first,
      last: row.last,
      values: losses.map(({ parts }) => {
        const loss = parts.find((part) => isSame(part, row))?.loss;
        return loss !== undefined && Number.isFinite(loss) ? loss : null;
      }),
    }));
}

/** The rows to read. */
export function timestepNumbers(losses: readonly TimestepLosses[]): ChartNumbers {
  return {
    columns: ["t", ...losses.map(({ name, epoch }) => `${name}, epoch ${formatCount(epoch)}`)],
    rows: timestepRows(losses).map(({ first, last, values }) => [
      first === last ? formatCount(first) : `${formatCount(first)}–${formatCount(last)}`,
      ...values.map((value) => (value === null ? "" : formatLoss(value))),
    ]),
  };
}

/** The rows, with a column for each run. */
export function timestepCsv(losses: readonly TimestepLosses[]): string {
  const rows = timestepRows(losses);
  return encodeCsv([
    { name: "first_timestep", values: rows.map(({ first }) => first) },
    { name: "last_timestep", values: rows.map(({ last }) => last) },
    ...losses.map(({ name, epoch }, i) => ({
      name: `${name} epoch_${epoch}`,
      values: rows.map(({ values }) => values[i] ?? Number.NaN),
    })),
  ]);
}

/** The same by run; null where no image fell. */
export function timestepJson(title: string, losses: readonly TimestepLosses[]): string {
  const runs = losses.map(({ name, epoch, step, parts }) => ({ name, epoch, step, parts }));
  return JSON.stringify({ title, runs });
}
