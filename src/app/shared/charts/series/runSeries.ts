/** The series of one run, as its charts show them. */
import { defaultConfig } from "../../../../engine/config/hyperparameters.ts";
import { type NamedMetric, numberIn } from "../../../../engine/train/metrics.ts";
import type { XKind } from "../../../state/slices/chartOptions.ts";
import type { Run } from "../../../state/slices/run.ts";
import { type Series, xOfStep } from "../../plot/series.ts";
import { smooth } from "../../plot/smoothing.ts";
import { ASSIGNMENT_VALIDATION_LOSS, isAssignment, REFERENCE } from "./assignmentRun.ts";
import { type Chart, curvesOf, sharedChart } from "./charts.ts";
import type { Places, RunAxis } from "./runAxis.ts";

/** A run, where it is on the x axis, and the decay of the moving average. */
export interface RunDrawing {
  run: Run;
  axis: RunAxis;
  smoothing: number;
}

/** Steps of an epoch of MNIST's 60,000 images, with the assignment's batches. */
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

/** The curves of a chart with their points. */
export function chartSeries(chart: Pick<Chart, "metrics">, drawing: RunDrawing): Series[] {
  const { run, axis, smoothing } = drawing;
  return curvesOf(chart).flatMap(({ metric, isAverage, ...look }): Series[] => {
    const points = metricPoints(metric, run, axis, isAverage ? smoothing : null);
    if (metric.isOptional && points.steps.length === 0) return [];
    return [{ ...look, ...(metric.isLive ? { isSparse: true } : {}), ...points }];
  });
}

/**
 * At the epochs, or the few steps, that have the metric; one of all steps at each, with NaN where there is none.
 *
 * @param average decay of the moving average over the steps, null for the metric itself
 */
export function metricPoints(
  metric: NamedMetric,
  { steps, epochs, config }: Pick<Run, "steps" | "epochs" | "config">,
  axis: RunAxis,
  average: number | null,
): Pick<Series, "steps" | "xs" | "values"> {
  if (metric.of !== "step" || metric.isLive) {
    const [all, places] = metric.of === "step" ? [steps, axis.steps] : [epochs, axis.epochs];
    const has = all.map((report) => numberIn(report, metric) !== undefined);
    const reports = all.filter((_, i) => has[i]);
    return { ...placesWhere(has, places), values: drawnValues(metric, reports, config) };
  }
  const values = drawnValues(metric, steps, config);
  if (average === null) return { ...axis.steps, values };
  // The first step compiles kernels: how long it took says nothing about the others.
  const omits = metric.isTimed && steps[0]?.step === 1;
  const averaged = omits ? [Number.NaN, ...values.slice(1)] : values;
  return { ...axis.steps, values: smooth(averaged, average) };
}

/** The places of those that have something. */
export function placesWhere(has: readonly boolean[], { steps, xs }: Places): Places {
  return { steps: steps.filter((_, i) => has[i]), xs: xs.filter((_, i) => has[i]) };
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
