/** The series of one run, as its charts show them. */
import { defaultConfig } from "../../../../engine/config/hyperparameters.ts";
import {
  type Chart,
  type NamedMetric,
  numberIn,
  sharedChart,
} from "../../../../engine/train/metrics.ts";
import type { XKind } from "../../../state/slices/chartOptions.ts";
import { smooth } from "../../../state/slices/lossCurve.ts";
import type { Run } from "../../../state/slices/run.ts";
import { type Series, xOfStep } from "../../plot/series.ts";
import { ASSIGNMENT_VALIDATION_LOSS, isAssignment, REFERENCE } from "./assignmentRun.ts";
import { timestepRange } from "./bucketRows.ts";
import { curvesOf } from "./chartLook.ts";
import type { RunAxis } from "./runAxis.ts";

/** A run, where it is on the x axis, and the decay of the moving average. */
export interface RunDrawing {
  run: Run;
  axis: RunAxis;
  smoothing: number;
}

/** Of MNIST's 60,000 images, with the assignment's batches. */
const ASSIGNMENT_STEPS_PER_EPOCH = Math.ceil(60_000 / defaultConfig().batchSize);

/** The assignment's curve, for a page without a run. Its duration is unknown. */
export function assignmentAlone(kind: Exclude<XKind, "time">): Series[] {
  const values = ASSIGNMENT_VALIDATION_LOSS;
  const steps = values.map((_, i) => (i + 1) * ASSIGNMENT_STEPS_PER_EPOCH);
  const xs = kind === "step" ? steps : values.map((_, i) => i + 1);
  return [{ ...REFERENCE, steps, xs, values }];
}

/** The losses: of each step, smoothed, of the epochs, of the validation, and the assignment's. */
export function lossSeries(drawing: RunDrawing): Series[] {
  const { run, axis } = drawing;
  const { size } = run;
  const reference =
    size && isAssignment(run) ? assignmentBeside(run, axis, size.stepsPerEpoch) : null;
  return [...(reference ? [reference] : []), ...chartSeries(sharedChart("loss"), drawing)];
}

/** A single point would not be seen as a curve. */
const FEWEST_OF_REFERENCE = 2;

/**
 * One epoch ahead of the run, so that it can be seen where it goes, and two at least; null over time
 * until the run has come as far.
 */
function assignmentBeside({ epochs }: Run, axis: RunAxis, stepsPerEpoch: number): Series | null {
  const numEpochs = Math.max(FEWEST_OF_REFERENCE, epochs.length + 1);
  const values = ASSIGNMENT_VALIDATION_LOSS.slice(0, numEpochs);
  const steps = values.map((_, i) => (i + 1) * stepsPerEpoch);
  const xs = steps.map((step, i) => {
    if (axis.kind === "step") return step;
    // At the times at which this run had done as many steps.
    return axis.kind === "epoch" ? i + 1 : xOfStep(axis.steps, step);
  });
  const numPlaced = xs.filter(Number.isFinite).length;
  return numPlaced < FEWEST_OF_REFERENCE ? null : { ...REFERENCE, steps, xs, values };
}

/** Validation loss by timestep, a series for each part of [0, T), from t = 0 up. */
export function bucketSeries({ run, axis }: RunDrawing): Series[] {
  const { epochs, config } = run;
  const numBuckets = epochs.reduce((most, e) => Math.max(most, e.bucketLosses.length), 0);
  return Array.from({ length: numBuckets }, (_, bucket) => {
    const name = timestepRange({ bucket, numBuckets, numTimesteps: config.timesteps });
    return {
      key: `t${bucket}`,
      name: `t ${name}`,
      style: "dots",
      color: bucketColor(bucket, numBuckets),
      ...axis.epochs,
      values: epochs.map(({ bucketLosses }) => bucketLosses[bucket] ?? Number.NaN),
    };
  });
}

/** More curves could not be told apart, nor named at their ends. */
const MAX_CLASSES = 10;

/** Validation loss by class, a series for each, or of many for those with the highest loss now. */
export function classSeries({ run, axis }: RunDrawing): Series[] {
  const { epochs } = run;
  const newest = epochs.findLast(({ classLosses }) => classLosses)?.classLosses ?? [];
  const labels = [...newest.keys()].filter((label) => Number.isFinite(newest[label]));
  const lossOf = (label: number) => newest[label] as number;
  const highest = labels.toSorted((a, b) => lossOf(b) - lossOf(a)).slice(0, MAX_CLASSES);
  return highest
    .sort((a, b) => a - b)
    .map((label, i) => ({
      key: `class${label}`,
      name: `class ${label}`,
      style: "dots",
      color: bucketColor(i, highest.length),
      ...axis.epochs,
      values: epochs.map(({ classLosses }) => classLosses?.[label] ?? Number.NaN),
    }));
}

/** The curves of a chart with their points. */
export function chartSeries(chart: Pick<Chart, "metrics">, drawing: RunDrawing): Series[] {
  const { run, axis, smoothing } = drawing;
  return curvesOf(chart).flatMap(({ metric, isAverage, ...look }): Series[] => {
    const points = metricPoints(metric, run, axis, isAverage ? smoothing : null);
    return metric.isOptional && points.steps.length === 0 ? [] : [{ ...look, ...points }];
  });
}

/**
 * At each step, with NaN where there is none, or at the epochs that have the metric.
 *
 * @param average decay of the moving average over the steps, null for the metric itself
 */
export function metricPoints(
  metric: NamedMetric,
  { steps, epochs, config }: Pick<Run, "steps" | "epochs" | "config">,
  axis: RunAxis,
  average: number | null,
): Pick<Series, "steps" | "xs" | "values"> {
  if (metric.of !== "step") {
    const hasMetric = epochs.map((epoch) => numberIn(epoch, metric) !== undefined);
    const ofThose = (numbers: readonly number[]) => numbers.filter((_, i) => hasMetric[i]);
    const values = ofThose(drawnValues(metric, epochs, config));
    return { steps: ofThose(axis.epochs.steps), xs: ofThose(axis.epochs.xs), values };
  }
  const values = drawnValues(metric, steps, config);
  if (average === null) return { ...axis.steps, values };
  // The first step compiles kernels: how long it took says nothing about the others.
  const omits = metric.isTimed && steps[0]?.step === 1;
  const averaged = omits ? [Number.NaN, ...values.slice(1)] : values;
  return { ...axis.steps, values: smooth(averaged, average) };
}

function drawnValues(
  { path, from, whole = 1 }: NamedMetric,
  reports: readonly object[],
  config: Run["config"],
): number[] {
  return reports.map((report) => {
    if (from) return from(report as Record<string, number>, config);
    return (numberIn(report, { path }) ?? Number.NaN) / whole;
  });
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
