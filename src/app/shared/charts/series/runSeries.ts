/**
 * The series of one run, as its charts show them. `runAxis` says where its steps and epochs lie on the x axis, once for
 * all charts; `lossSeries` and `chartSeries` take the values from its reports. What the reports list by timestep, class
 * or layer is in `groupSeries.ts`.
 */
import { defaultConfig } from "../../../../engine/config/hyperparameters.ts";
import { type NamedMetric, numberIn } from "../../../../engine/train/metrics.ts";
import type { XKind } from "../../../state/slices/chartOptions.ts";
import type { Run, RunSize } from "../../../state/slices/run.ts";
import { type Series, xOfStep } from "../../plot/series.ts";
import { smooth } from "../../plot/smoothing.ts";
import { ASSIGNMENT_VALIDATION_LOSS, isAssignment, REFERENCE } from "./assignmentRun.ts";
import { type Chart, curvesOf, sharedChart } from "./charts.ts";

/** Steps, and where each is on the x axis. */
export type Places = Pick<Series, "steps" | "xs">;

/** Where on the x axis a run's steps and epochs are. */
export interface RunAxis {
  kind: XKind;
  steps: Places;
  epochs: Places;
}

type RunReports = Pick<Run, "steps" | "epochs"> & { size: Pick<RunSize, "stepsPerEpoch"> | null };

/** Time of the clock when the first step began, or ended if its duration is unknown. */
function startMsOf([first]: RunReports["steps"]): number {
  if (!first) return 0;
  return first.wallTimeMs - (Number.isFinite(first.stepMs) ? first.stepMs : 0);
}

/** From the beginning of its first step to its last report, with all pauses; 0 without a step. */
export function wallTimeMs({ steps, epochs }: Pick<RunReports, "steps" | "epochs">): number {
  if (steps.length === 0) return 0;
  const startMs = startMsOf(steps);
  return [...steps, ...epochs].reduce((most, at) => Math.max(most, at.wallTimeMs - startMs), 0);
}

/**
 * The x axis of a run. Time is that of the clock, with all pauses, in milliseconds from the
 * beginning of the first step on. An epoch is where its last step is, also over time, before its
 * validation: so a step is at one place in all charts.
 */
export function runAxis({ steps, epochs, size }: RunReports, kind: XKind): RunAxis {
  const startMs = startMsOf(steps);
  const placesOf = (reports: readonly { step: number; wallTimeMs: number }[]): Places => {
    // A clock that was set back must not lead the curve back.
    let latestMs = 0;
    const xOf = ({ step, wallTimeMs }: (typeof reports)[number]): number => {
      switch (kind) {
        case "step":
          return step;
        case "epoch":
          return step / (size?.stepsPerEpoch ?? Number.NaN);
        case "time":
          latestMs = Math.max(latestMs, wallTimeMs - startMs);
          return latestMs;
        default:
          throw kind satisfies never;
      }
    };
    return { steps: reports.map(({ step }) => step), xs: reports.map(xOf) };
  };
  const ofSteps = placesOf(steps);
  const ofEpochs = placesOf(epochs);
  let latest = 0;
  const xs = ofEpochs.xs.map((x, i) => {
    const place = xOfStep(ofSteps, ofEpochs.steps[i] as number);
    // Where the steps about it are lost its own time counts, which the clock may have been set back to.
    latest = Math.max(latest, Number.isFinite(place) ? place : x);
    return latest;
  });
  return { kind, steps: ofSteps, epochs: { ...ofEpochs, xs } };
}

/** A run, where it is on the x axis, and the decay of the moving average. */
export interface RunSeriesInput {
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
export function lossSeries(drawing: RunSeriesInput): Series[] {
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
export function chartSeries(chart: Pick<Chart, "metrics">, drawing: RunSeriesInput): Series[] {
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
  { path, from, whole }: NamedMetric,
  reports: readonly object[],
  config: Run["config"],
): number[] {
  return reports.map((report) => {
    if (from) return from(report as Record<string, number>, config);
    return (numberIn(report, { path }) ?? Number.NaN) / (whole?.(report) ?? 1);
  });
}
