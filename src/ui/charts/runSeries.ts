/** The series of one run, as its charts show them. */
import { defaultConfig } from "../../config/hyperparameters.ts";
import type { XKind } from "../../store/chartOptions.ts";
import { smooth } from "../../store/lossCurve.ts";
import { imagesPerSecond } from "../../store/pace.ts";
import type { Run } from "../../store/run.ts";
import type { StepMetrics } from "../../worker/protocol.ts";
import { ASSIGNMENT_VALIDATION_LOSS } from "../assignmentLoss.ts";
import { timestepRange } from "../bucketRows.ts";
import { isAssignment } from "./assignmentRun.ts";
import { bucketColour } from "./bucketColours.ts";
import type { RunAxis } from "./runAxis.ts";
import { type Series, xOfStep } from "./series.ts";

/** A run, where it is on the x axis, and the decay of the moving average. */
export interface RunDrawing {
  run: Run;
  axis: RunAxis;
  smoothing: number;
}

const NAME_OF_REFERENCE = "Assignment, PyTorch";
/** Of MNIST's 60,000 images, with the assignment's batches. */
const ASSIGNMENT_STEPS_PER_EPOCH = Math.ceil(60_000 / defaultConfig().batchSize);

/** The assignment's curve, for a page without a run. How long it took nobody knows. */
export function assignmentAlone(kind: Exclude<XKind, "time">): Series[] {
  const values = ASSIGNMENT_VALIDATION_LOSS;
  const steps = values.map((_, i) => (i + 1) * ASSIGNMENT_STEPS_PER_EPOCH);
  const xs = kind === "step" ? steps : values.map((_, i) => i + 1);
  return [referenceSeries({ steps, xs, values })];
}

function referenceSeries(points: Pick<Series, "steps" | "xs" | "values">): Series {
  const [name, colour] = [NAME_OF_REFERENCE, "var(--reference)"];
  return { key: "reference", name, colour, style: "dashed", ...points };
}

/** The losses: of each step, smoothed, of the epochs, of the validation, and the assignment's. */
export function lossSeries({ run, axis, smoothing }: RunDrawing): Series[] {
  const { epochs, size } = run;
  const values = run.steps.map(({ loss }) => loss);
  const ofSteps = withSmoothed(axis, {
    ...{ key: "loss", colour: "var(--series-train)" },
    ...{ values, smoothed: smooth(values, smoothing) },
  });
  const ofEpochs: Series[] = [
    {
      ...{ key: "train", name: "epoch mean", colour: "var(--series-train)", style: "dots" },
      ...axis.epochs,
      values: epochs.map(({ trainLoss }) => trainLoss),
    },
    {
      ...{
        key: "validation",
        name: "validation",
        colour: "var(--series-validation)",
        style: "dots",
      },
      ...axis.epochs,
      values: epochs.map(({ validationLoss }) => validationLoss),
    },
  ];
  const reference =
    size && isAssignment(run) ? assignmentBeside(run, axis, size.stepsPerEpoch) : null;
  return [...(reference ? [reference] : []), ...ofSteps, ...ofEpochs];
}

/** A single one would be a dot that tells nobody what it is. */
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
  return numPlaced < FEWEST_OF_REFERENCE ? null : referenceSeries({ steps, xs, values });
}

/** Validation loss by timestep, a series for each part of [0, T), from t = 0 up. */
export function bucketSeries({ run, axis }: RunDrawing): Series[] {
  const { epochs, config } = run;
  const numBuckets = epochs.reduce((most, e) => Math.max(most, e.bucketLosses.length), 0);
  return Array.from({ length: numBuckets }, (_, bucket) => {
    const name = timestepRange({ bucket, numBuckets, numTimesteps: config.timesteps });
    return {
      ...{ key: `t${bucket}`, name: `t ${name}`, style: "dots" },
      colour: bucketColour(bucket, numBuckets),
      ...axis.epochs,
      values: epochs.map(({ bucketLosses }) => bucketLosses[bucket] ?? Number.NaN),
    };
  });
}

/** A figure that each step has one of. */
interface StepFigure {
  name: string;
  of: (step: StepMetrics, run: Pick<Run, "config">) => number;
  isSmoothed: boolean;
}

const STEP_FIGURES = {
  gradientNorm: { name: "gradient norm", of: ({ gradNorm }) => gradNorm, isSmoothed: true },
  learningRate: {
    name: "learning rate",
    of: ({ learningRate }) => learningRate,
    isSmoothed: false,
  },
  stepMs: { name: "step time", of: ({ stepMs }) => stepMs, isSmoothed: true },
  imagesPerSecond: {
    name: "images a second",
    of: ({ stepMs }, { config }) => (stepMs > 0 ? imagesPerSecond(stepMs, config) : Number.NaN),
    isSmoothed: true,
  },
  memoryBytes: {
    name: "memory",
    // Runs from before it was told have none.
    of: ({ memoryBytes = Number.NaN }) => memoryBytes,
    isSmoothed: false,
  },
} as const satisfies Record<string, StepFigure>;

export type StepFigureName = keyof typeof STEP_FIGURES;

type Told = Pick<Run, "steps" | "config">;

/** A figure of the steps, and its moving average where it jumps about, else null. */
export function figureValues(figure: StepFigureName, run: Told, smoothing: number) {
  const { of, isSmoothed }: StepFigure = STEP_FIGURES[figure];
  const values = run.steps.map((step) => of(step, run));
  if (!isSmoothed) return { values, smoothed: null };
  // The first step compiles kernels: how long it took says nothing about the others.
  const isTime = figure === "stepMs" || figure === "imagesPerSecond";
  const omits = isTime && run.steps[0]?.step === 1;
  const averaged = smooth(omits ? [Number.NaN, ...values.slice(1)] : values, smoothing);
  return { values, smoothed: averaged };
}

/** A figure of the steps, and its average over time where it jumps about. */
export function figureSeries(figure: StepFigureName, drawing: RunDrawing): Series[] {
  const { run, axis, smoothing } = drawing;
  const { values, smoothed } = figureValues(figure, run, smoothing);
  const [key, colour] = [figure, "var(--series-train)"];
  if (smoothed === null) {
    const { name } = STEP_FIGURES[figure];
    return [{ key, name, colour, style: "line", ...axis.steps, values }];
  }
  return withSmoothed(axis, { key, colour, values, smoothed });
}

interface Smoothed extends Pick<Series, "key" | "colour" | "values"> {
  smoothed: readonly number[];
}

function withSmoothed({ steps }: RunAxis, { key, colour, values, smoothed }: Smoothed): Series[] {
  const smoothedKey = key === "loss" ? "smoothed" : `${key}Smoothed`;
  return [
    { key, name: "each step", colour, style: "faint", ...steps, values },
    { key: smoothedKey, name: "smoothed", colour, style: "line", ...steps, values: smoothed },
  ];
}
