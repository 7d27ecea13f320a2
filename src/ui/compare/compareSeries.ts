/** The curves of several runs in one chart: each in its colour. Pure. */
import type { XKind } from "../../store/chartOptions.ts";
import type { ComparedRun } from "../../store/comparison.ts";
import { smooth } from "../../store/lossCurve.ts";
import type { RunAxis } from "../charts/runAxis.ts";
import { runAxis } from "../charts/runAxis.ts";
import type { Series } from "../charts/series.ts";
import { runStyle } from "./runStyle.ts";

export const FIGURES = {
  loss: "Loss",
  gradNorm: "Gradient norm",
  learningRate: "Learning rate",
  stepMs: "Step time (ms)",
} as const;
export type Figure = keyof typeof FIGURES;

interface Drawing {
  figure: Figure;
  x: XKind;
  smoothing: number;
}

/** Of each run its figure, smoothed; with the loss also that of the validation, as dots. */
export function compareSeries(runs: readonly ComparedRun[], drawing: Drawing): Series[] {
  return runs.flatMap((run, index) => {
    const { steps, epochs, stepsPerEpoch } = run;
    const size = stepsPerEpoch === null ? null : { stepsPerEpoch };
    const axis = runAxis({ steps, epochs, size }, drawing.x);
    const own = stepSeries(run, { ...drawing, axis, index });
    return drawing.figure === "loss" ? [own, validationSeries(run, { axis, index })] : [own];
  });
}

type Place = { axis: RunAxis; index: number };

function stepSeries(
  { runId, name, steps }: ComparedRun,
  { figure, smoothing, axis, index }: Drawing & Place,
): Series {
  const { color, isDashed } = runStyle(index);
  const values = steps.map((step) => step[figure]);
  return {
    key: `${runId}-${figure}`,
    name: figure === "loss" ? `${name}, training` : name,
    colour: color,
    style: isDashed ? "dashed" : "line",
    ...axis.steps,
    // The learning rate follows a rule: it is no noise.
    values: figure === "learningRate" ? values : smooth(values, smoothing),
  };
}

function validationSeries({ runId, name, epochs }: ComparedRun, { axis, index }: Place): Series {
  return {
    key: `${runId}-validation`,
    name: `${name}, validation`,
    colour: runStyle(index).color,
    style: "dots",
    ...axis.epochs,
    values: epochs.map(({ validationLoss }) => validationLoss),
  };
}
