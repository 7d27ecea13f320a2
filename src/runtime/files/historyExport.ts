/** The metric history of a run as files for other programs. */
import { GRID_GAP, IMAGE_SIZE, type RunConfig } from "../../engine/config/hyperparameters.ts";
import { classRows } from "../../engine/config/snapshotSteps.ts";
import { bucketTimesteps, numBucketsIn } from "../../engine/config/timestepBuckets.ts";
import { encodeCsv } from "../../engine/formats/csv.ts";
import { gridColumns, imageGrid } from "../../engine/formats/pictures/imageGrid.ts";
import { plainFileName } from "../../engine/formats/plainFileName.ts";
import {
  encodeTfevents,
  type ImagePoint,
  type ScalarPoint,
  tfeventsFileName,
} from "../../engine/formats/tfevents.ts";
import { layersOf } from "../../engine/nn/layerNorms.ts";
import { columnOf, type Metric, metricsOf, numberIn, tagOf } from "../../engine/train/metrics.ts";
import type { EpochReport, StepReport } from "../../engine/train/reports.ts";
import type { OnFraction } from "../run/progress.ts";
import type { History, Picture, Snapshot } from "../storage/records.ts";
import type { ExportedFile } from "./runFormats.ts";

/** The finished digits of a snapshot. */
type HistoryFrame = Pick<Snapshot, "step" | "wallTimeMs"> & Picture;

export interface ExportedHistory extends History {
  /** Their file name without its ending. */
  name: string;
  config: RunConfig;
  frames: readonly HistoryFrame[];
}

/** A number of a report, and what it is called in each format. */
interface Series<Report> {
  tag: string;
  column: string;
  value: (report: Report) => number | undefined;
}

/**
 * An event file for TensorBoard, with all series and frames. What an epoch has no figure for, NaN in
 * its report, is left out.
 */
export function historyAsTfevents(
  history: ExportedHistory,
  onFraction?: OnFraction,
): ExportedFile[] {
  const { name, steps, frames } = history;
  const startMs = (steps[0] ?? frames[0])?.wallTimeMs ?? 0;
  const points = { scalars: scalarPoints(history), images: imagePoints(history) };
  const bytes = encodeTfevents({ ...points, onFraction });
  return [{ fileName: tfeventsFileName({ startMs, name }), bytes }];
}

/** Two tables, one with a row for each step and one with a row for each epoch. */
export function historyAsCsv(history: ExportedHistory, onFraction?: OnFraction): ExportedFile[] {
  const { name, steps, epochs } = history;
  const stepsTable = encodeCsv(
    [
      column("step", steps, ({ step }) => step),
      column("wall_time_ms", steps, ({ wallTimeMs }) => wallTimeMs),
      ...stepSeries(history).map((series) => column(series.column, steps, series.value)),
    ],
    onFraction,
  );
  const epochsTable = encodeCsv([
    column("epoch", epochs, ({ epoch }) => epoch),
    column("step", epochs, ({ step }) => step),
    column("wall_time_ms", epochs, ({ wallTimeMs }) => wallTimeMs),
    ...epochSeries(history).map((series) => column(series.column, epochs, series.value)),
  ]);
  const baseName = plainFileName(name);
  return [
    textFile(`${baseName}-steps.csv`, stepsTable),
    textFile(`${baseName}-epochs.csv`, epochsTable),
  ];
}

/**
 * Name, configuration and all reports, as they are but for what is not finite, which JSON cannot say
 * and which is null. Without frames.
 */
export function historyAsJson({ name, config, steps, epochs }: ExportedHistory): ExportedFile[] {
  const json = JSON.stringify({ name, config, steps, epochs });
  return [textFile(`${plainFileName(name)}-history.json`, json)];
}

/** The metrics of one kind that any of the reports has; before the first step all that are known. */
function seriesOf(history: ExportedHistory, of: Metric["of"]): Series<StepReport | EpochReport>[] {
  const reports = of === "step" ? history.steps : history.epochs;
  const isBefore = reports.length === 0 && of !== "samples";
  return metricsOf(history).flatMap((metric) => {
    const tag = tagOf(metric);
    if (metric.of !== of || tag === null) return [];
    const column = columnOf(metric);
    const value = (report: object) => numberIn(report, metric);
    const isTold =
      (isBefore && !metric.isOptional) || reports.some((report) => value(report) !== undefined);
    return isTold ? [{ tag, column, value }] : [];
  });
}

/** The series of the steps: metrics, the live validation loss by timestep, and the norms by layer. */
function stepSeries(history: ExportedHistory): Series<StepReport>[] {
  const ofBuckets = bucketSeries(history.steps, history.config, "live_loss_by_timestep");
  const layers = layersOf(history.config);
  const ofLayers = LAYER_NORMS.flatMap(([kind, tag]) =>
    layers.names.map(
      (name, layer): Series<StepReport> => ({
        tag: `${tag}/${name}`,
        column: `${tag}_${name}`,
        value: (report) => numberAt(layers.normsOf(report, kind), layer),
      }),
    ),
  );
  const areTold = history.steps.some((report) => layers.normsOf(report, "Grad"));
  return [...seriesOf(history, "step"), ...ofBuckets, ...(areTold ? ofLayers : [])];
}

const LAYER_NORMS = [
  ["Grad", "layer_gradient_norm"],
  ["Weight", "layer_weight_norm"],
] as const;

/** The series of the epochs: metrics, the validation loss by timestep and by class, and the quality of samples. */
function epochSeries(history: ExportedHistory): Series<EpochReport>[] {
  const { config, epochs } = history;
  const ofBuckets = bucketSeries(epochs, config, "loss_by_timestep");
  const numClasses = epochs.reduce((most, e) => Math.max(most, e.classLosses?.length ?? 0), 0);
  const ofClasses = Array.from({ length: numClasses }, (_, label) => ({
    tag: `loss_by_class/${label}`,
    column: `loss_by_class_${label}`,
    value: ({ classLosses }: EpochReport) => classLosses?.[label] ?? Number.NaN,
  }));
  const ofEpochs = [...seriesOf(history, "epoch"), ...ofBuckets, ...ofClasses];
  return [...ofEpochs, ...seriesOf(history, "samples")];
}

/** A series for each part of [0, T); a report may have no losses by timestep. */
function bucketSeries<Report extends { bucketLosses?: readonly number[] }>(
  reports: readonly Report[],
  { timesteps: numTimesteps }: RunConfig,
  tag: string,
): Series<Report>[] {
  const numBuckets = numBucketsIn(reports);
  return Array.from({ length: numBuckets }, (_, bucket) => {
    const { first, last } = bucketTimesteps({ bucket, numBuckets, numTimesteps });
    return {
      tag: `${tag}/${first}-${last}`,
      column: `${tag}_${first}-${last}`,
      value: ({ bucketLosses }: Report) => numberAt(bucketLosses, bucket),
    };
  });
}

/** Undefined where there is none. */
function numberAt(list: readonly number[] | undefined, index: number): number | undefined {
  const value = list?.[index];
  return Number.isNaN(value) ? undefined : value;
}

function* scalarPoints(history: ExportedHistory): Generator<ScalarPoint> {
  yield* pointsOf(history.steps, stepSeries(history));
  for (const point of pointsOf(history.epochs, epochSeries(history))) {
    if (!Number.isNaN(point.value)) yield point;
  }
}

function* pointsOf<Report extends { step: number; wallTimeMs: number }>(
  reports: readonly Report[],
  series: readonly Series<Report>[],
): Generator<ScalarPoint> {
  for (const report of reports) {
    const { step, wallTimeMs } = report;
    for (const { tag, value: figure } of series) {
      const value = figure(report);
      if (value !== undefined) yield { tag, step, wallTimeMs, value };
    }
  }
}

function* imagePoints({ frames, config }: ExportedHistory): Generator<ImagePoint> {
  const size = { width: IMAGE_SIZE, height: IMAGE_SIZE };
  for (const { step, wallTimeMs, count, pixels } of frames) {
    const columns = classRows(count, config)?.columns ?? gridColumns(count);
    const grid = imageGrid({ images: pixels, ...size, columns, gap: GRID_GAP });
    yield { tag: "samples", step, wallTimeMs, ...grid };
  }
}

function column<Report>(
  name: string,
  reports: readonly Report[],
  value: (report: Report) => number | undefined,
): { name: string; values: number[] } {
  return { name, values: reports.map((report) => value(report) ?? Number.NaN) };
}

function textFile(fileName: string, text: string): ExportedFile {
  return { fileName, bytes: new TextEncoder().encode(text) };
}
