/** The lists in reports of one run, as their charts show them: losses by timestep and by class, norms by layer. */
import { numBucketsIn } from "../../../../engine/config/timestepBuckets.ts";
import { namingOf, ownNames } from "../../../../engine/data/datasets.ts";
import { layersOf, type NormKind } from "../../../../engine/nn/layerNorms.ts";
import { inOrder, unetBlocks } from "../../../../engine/nn/unetBlocks.ts";
import type { StepReport } from "../../../../engine/train/reports.ts";
import type { Run } from "../../../state/slices/run.ts";
import type { Series } from "../../plot/series.ts";
import { formatTimestepRange } from "./bucketRows.ts";
import { type Places, placesWhere, type RunSeriesInput } from "./runSeries.ts";

/**
 * Validation loss by timestep, a series for each part of [0, T), from t = 0 up: of the epochs, and before
 * these, where there are any, of the live validations.
 */
export function bucketSeries({ run: { steps, epochs, config }, axis }: RunSeriesInput): Series[] {
  const hasLive = steps.map(({ bucketLosses }) => bucketLosses !== undefined);
  const withLive = steps.filter((_, i) => hasLive[i]);
  const live = seriesByBucket(withLive, placesWhere(hasLive, axis.steps), config);
  return [
    ...live.map(({ key, name, ...series }): Series => {
      return {
        ...series,
        key: `${key} live`,
        name: `${name}, live`,
        style: "line",
        isSparse: true,
      };
    }),
    ...seriesByBucket(epochs, axis.epochs, config),
  ];
}

function seriesByBucket(
  reports: Run["steps"] | Run["epochs"],
  places: Places,
  { timesteps: numTimesteps }: Run["config"],
): Series[] {
  const numBuckets = numBucketsIn(reports);
  return Array.from({ length: numBuckets }, (_, bucket) => ({
    key: `t${bucket}`,
    name: `t ${formatTimestepRange({ bucket, numBuckets, numTimesteps })}`,
    style: "dots",
    color: bucketColor(bucket, numBuckets),
    ...places,
    values: reports.map(({ bucketLosses }) => bucketLosses?.[bucket] ?? Number.NaN),
  }));
}

/** More curves could not be told apart, nor named at their ends. */
const MAX_CLASSES = 10;

/** Validation loss by class, a series for each, or of many for those with the highest loss now. */
export function classSeries({ run, axis }: RunSeriesInput): Series[] {
  const { epochs } = run;
  const names = ownNames(namingOf(run.dataset));
  const newest = epochs.findLast(({ classLosses }) => classLosses)?.classLosses ?? [];
  const labels = [...newest.keys()].filter((label) => Number.isFinite(newest[label]));
  const lossOf = (label: number) => newest[label] as number;
  const highest = labels.toSorted((a, b) => lossOf(b) - lossOf(a)).slice(0, MAX_CLASSES);
  return highest
    .sort((a, b) => a - b)
    .map((label, i) => ({
      key: `class${label}`,
      name: names?.[label] ?? `class ${label}`,
      style: "dots",
      color: bucketColor(i, highest.length),
      ...axis.epochs,
      values: epochs.map(({ classLosses }) => classLosses?.[label] ?? Number.NaN),
    }));
}

/** Norms by layer, a series for each, of the few steps that have them. */
export function layerSeries(drawing: RunSeriesInput, kind: NormKind): Series[] {
  const layers = layersOf(drawing.run.config);
  const series = normSeries(drawing, layers.names, (report) => layers.normsOf(report, kind));
  // Neighbors have nearly the same color.
  return series.map((each, i) => (i % 2 === 0 ? each : { ...each, style: "dashed" }));
}

/** The norms of one block, or none where the run is from before these were recorded. */
export function blockSeries(drawing: RunSeriesInput, kind: NormKind, block: string): Series[] {
  const blocks = inOrder(unetBlocks(drawing.run.config)).map(({ name }) => name);
  const all = normSeries(drawing, blocks, (report) => report[`block${kind}Norms`]);
  return all.filter(({ key }) => key === block);
}

function normSeries(
  { run: { steps }, axis }: RunSeriesInput,
  names: readonly string[],
  normsOf: (report: StepReport) => readonly number[] | undefined,
): Series[] {
  const norms = steps.map(normsOf);
  const reported = norms.filter((list) => list !== undefined);
  if (reported.length === 0) return [];
  const places = placesWhere(
    norms.map((list) => list !== undefined),
    axis.steps,
  );
  return names.map((name, i, { length }) => ({
    key: name,
    name,
    style: "line",
    isSparse: true,
    color: bucketColor(i, length),
    ...places,
    values: reported.map((list) => list[i] ?? Number.NaN),
  }));
}

/**
 * Part of viridis, which the color-blind see as a scale from dark to light: without its lightest on
 * light ground, without its darkest on dark.
 */
const ON_LIGHT = ["#440154", "#3b528b", "#21808d", "#2a9d6f", "#7a9a1f"];
const ON_DARK = ["#7d6fd0", "#5aa0d8", "#35b8a8", "#7fd34e", "#fde725"];

/** The color of a part of [0, T), from t = 0 up. */
function bucketColor(bucket: number, numBuckets: number): string {
  const place = numBuckets > 1 ? bucket / (numBuckets - 1) : 0;
  return `light-dark(${between(ON_LIGHT, place)}, ${between(ON_DARK, place)})`;
}

/** @param place in [0, 1] */
function between(colors: readonly string[], place: number): string {
  const at = place * (colors.length - 1);
  const low = Math.min(Math.floor(at), colors.length - 2);
  return `color-mix(in srgb, ${colors[low + 1]} ${(100 * (at - low)).toFixed(1)}%, ${colors[low]})`;
}
