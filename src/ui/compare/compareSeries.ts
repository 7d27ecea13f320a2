/** The curves of several runs in one chart: each in its colour, with its letter. Pure. */
import type { XKind } from "../../store/chartOptions.ts";
import type { ComparedRun, TrainingFigure } from "../../store/comparison.ts";
import { smooth } from "../../store/lossCurve.ts";
import { type RunAxis, runAxis } from "../charts/runAxis.ts";
import { figureValues } from "../charts/runSeries.ts";
import type { Series } from "../charts/series.ts";
import { runStyle } from "./runStyle.ts";

interface Drawing {
  figure: TrainingFigure;
  x: XKind;
  smoothing: number;
}

/** Of each run its figure, smoothed; with the loss also that of the validation, as dots. */
export function compareSeries(runs: readonly ComparedRun[], drawing: Drawing): Series[] {
  return runs.flatMap((run) => {
    const axis = axisOf(run, drawing.x);
    const own = stepSeries(run, { ...drawing, axis });
    return drawing.figure === "loss" ? [own, validationSeries(run, axis)] : [own];
  });
}

function axisOf({ steps, epochs, stepsPerEpoch }: ComparedRun, x: XKind): RunAxis {
  return runAxis({ steps, epochs, size: stepsPerEpoch === null ? null : { stepsPerEpoch } }, x);
}

function stepSeries(run: ComparedRun, drawing: Drawing & { axis: RunAxis }): Series {
  const { figure, smoothing, axis } = drawing;
  const { color, isDashed, letter } = runStyle(run.place);
  const { values, smoothed } = valuesOf(run, figure, smoothing);
  const words = [
    ...(figure === "loss" ? ["training"] : []),
    ...(smoothed && smoothing > 0 ? ["smoothed"] : []),
  ];
  return {
    key: `${letter} ${run.name} ${figure}`,
    name: [`${letter} ${run.name}`, ...words].join(", "),
    colour: color,
    style: isDashed ? "dashed" : "line",
    ...axis.steps,
    values: smoothed ?? values,
  };
}

function valuesOf(run: ComparedRun, figure: TrainingFigure, smoothing: number) {
  if (figure !== "loss") return figureValues(figure, run, smoothing);
  const values = run.steps.map(({ loss }) => loss);
  return { values, smoothed: smooth(values, smoothing) };
}

function validationSeries({ place, name, epochs }: ComparedRun, axis: RunAxis): Series {
  const { color, letter } = runStyle(place);
  return {
    key: `${letter} ${name} validation`,
    name: `${letter} ${name}, validation`,
    colour: color,
    style: "dots",
    ...axis.epochs,
    values: epochs.map(({ validationLoss }) => validationLoss),
  };
}
