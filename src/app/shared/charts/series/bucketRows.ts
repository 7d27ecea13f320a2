import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { bucketTimesteps, type TimestepBucket } from "../../../../engine/config/timestepBuckets.ts";
import { isStraight, LOSS_WEIGHTS, OBJECTIVES } from "../../../../engine/diffusion/objectives.ts";
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import { takesPoints } from "../../../../engine/nn/architectures.ts";
import { formatCount } from "../../../../runtime/format.ts";
import type { StepMetrics } from "../../../../runtime/run/events.ts";
import type { Run } from "../../../state/slices/run.ts";

/** The loss on the validation images whose timestep is in one part of [0, T). */
export interface BucketRow {
  /** `0–99` */
  timesteps: string;
  /** Null where no image fell. */
  loss: number | null;
  /** Loss of the epoch before; null where there is none. */
  before: number | null;
  /** Lengths of the two, of the longest of all rows. */
  fraction: number;
  beforeFraction: number;
}

/** Up to a step, null for the last; the first at least, where the step is before its end. */
export function epochsUpTo(epochs: Run["epochs"], upToStep: number | null): Run["epochs"] {
  if (upToStep === null) return epochs;
  return epochs.filter(({ step }, i) => i === 0 || step <= upToStep);
}

/** The newest validation beside the one before, from t = 0 up. */
export function bucketRows(
  validations: readonly Pick<StepMetrics, "bucketLosses">[],
  numTimesteps: number,
): BucketRow[] {
  const losses = validations.at(-1)?.bucketLosses ?? [];
  const losses0 = validations.at(-2)?.bucketLosses ?? [];
  const longest = Math.max(...[...losses, ...losses0].filter(Number.isFinite));
  return losses.map((_, bucket) => {
    const loss = finiteOrNull(losses[bucket]);
    const before = finiteOrNull(losses0[bucket]);
    return {
      timesteps: formatTimestepRange({ bucket, numBuckets: losses.length, numTimesteps }),
      loss,
      before,
      // Without a length there is none to compare with either: all losses are 0.
      fraction: longest > 0 ? (loss ?? 0) / longest : 0,
      beforeFraction: longest > 0 ? (before ?? 0) / longest : 0,
    };
  });
}

/** The timesteps of a bucket: `900–999`, or `9` when it is one; a dash when there is none. */
export function formatTimestepRange(bucket: TimestepBucket): string {
  const { first, last } = bucketTimesteps(bucket);
  return first > last ? "–" : formatRange({ first, last });
}

interface TimestepPart {
  first: number;
  last: number;
  /** NaN where no image fell. */
  loss: number;
}

export function formatRange({ first, last }: Pick<TimestepPart, "first" | "last">): string {
  return first === last ? formatCount(first) : `${formatCount(first)}–${formatCount(last)}`;
}

/** Losses by bucket with the timesteps of each, from t = 0 up, without buckets that have none. */
export function timestepParts(
  bucketLosses: readonly number[],
  numTimesteps: number,
): TimestepPart[] {
  const numBuckets = bucketLosses.length;
  return bucketLosses
    .map((loss, bucket) => ({ ...bucketTimesteps({ bucket, numBuckets, numTimesteps }), loss }))
    .filter(({ first, last }) => first <= last);
}

export interface TimestepRow {
  first: number;
  last: number;
  /** NaN where an epoch has none of just these timesteps. */
  losses: number[];
}

/** A row for each range of timesteps that any of the epochs has, ascending, with the loss of each. */
export function timestepRows(epochs: readonly (readonly TimestepPart[])[]): TimestepRow[] {
  const rangeOf = ({ first, last }: TimestepPart) => `${first} ${last}`;
  const all = new Map(epochs.flat().map((part) => [rangeOf(part), part]));
  return [...all.values()]
    .sort((a, b) => a.first - b.first || a.last - b.last)
    .map((row) => ({
      first: row.first,
      last: row.last,
      losses: epochs.map(
        (parts) => parts.find((part) => rangeOf(part) === rangeOf(row))?.loss ?? Number.NaN,
      ),
    }));
}

/** The rows with their first and last timestep, and a named column for each epoch. */
export function timestepCsv(
  epochs: readonly { name: string; parts: readonly TimestepPart[] }[],
): string {
  const rows = timestepRows(epochs.map(({ parts }) => parts));
  return encodeCsv([
    { name: "first_timestep", values: rows.map(({ first }) => first) },
    { name: "last_timestep", values: rows.map(({ last }) => last) },
    ...epochs.map(({ name }, i) => ({
      name,
      values: rows.map(({ losses }) => losses[i] as number),
    })),
  ]);
}

/** `−12 %`, `+0.3 %`; a dash where there is nothing to compare. */
export function formatChange({ loss, before }: Pick<BucketRow, "loss" | "before">): string {
  if (loss === null || before === null || before === 0) return "–";
  const percent = 100 * (loss / before - 1);
  const size = Math.abs(percent);
  const digits = size < 9.95 ? size.toFixed(1) : formatCount(Math.round(size));
  if (Number(digits) === 0) return "0.0 %";
  return `${percent < 0 ? "−" : "+"}${digits} %`;
}

type LossSettings = Pick<
  RunConfig,
  "architecture" | "objective" | "lossWeight" | "minSnrGamma" | "validationNoise"
>;

/** How to read the losses of a run. They are the weighted ones, see `engine/diffusion/schedule.ts`. */
export function formatBucket(settings: LossSettings): string {
  const { objective, lossWeight, minSnrGamma, validationNoise } = settings;
  const { predicted, weighting } = OBJECTIVES[objective];
  const ofLibrary = minSnrGamma > 0 ? `weighted by t with Min-SNR gamma ${minSnrGamma}` : weighting;
  const weights = isStraight(objective) ? null : LOSS_WEIGHTS[lossWeight].weighting(ofLibrary);
  return [
    `At low t the ${takesPoints(settings) ? "points" : "images"} are nearly clean, at high t nearly pure noise.`,
    `The loss is the squared error in predicting ${predicted}${weights ? `, ${weights}` : ""}.`,
    ...(validationNoise === "fresh"
      ? ["This run draws its noise anew each epoch: small changes are chance."]
      : []),
  ].join(" ");
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
