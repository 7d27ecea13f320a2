/** The curves of several runs in one chart: each in its colour, with its letter. Pure. */
import type { XKind } from "../../store/chartOptions.ts";
import type { ComparedRun, TrainingFigure } from "../../store/comparison.ts";
import { smooth } from "../../store/lossCurve.ts";
import { QUALITY_FIGURES, type QualityChart, qualityPoints } from "../charts/qualitySeries.ts";
import { type RunAxis, runAxis } from "../charts/runAxis.ts";
import { figureValues } from "../charts/runSeries.ts";
import type { Series } from "../charts/series.ts";
import { runStyle } from "./runStyle.ts";

interface Drawing {
  figure: TrainingFigure;
  x: XKind;
  smoothing: number;
}

type StepFigure = Exclude<TrainingFigure, QualityChart>;

/**
 * Of each run its figure, smoothed; with the loss also that of the validation, as dots. Of the epochs
 * that were measured, what was measured.
 */
export function compareSeries(runs: readonly ComparedRun[], drawing: Drawing): Series[] {
  return runs.flatMap((run) => {
    const axis = axisOf(run, drawing.x);
    const { figure } = drawing;
    if (figure === "quality" || figure === "frechetDistance") {
      return measuredSeries(run, { figure, axis });
    }
    const own = stepSeries(run, { ...drawing, figure, axis });
    return figure === "loss" ? [own, validationSeries(run, axis)] : [own];
  });
}

function axisOf({ steps, epochs, stepsPerEpoch }: ComparedRun, x: XKind): RunAxis {
  return runAxis({ steps, epochs, size: stepsPerEpoch === null ? null : { stepsPerEpoch } }, x);
}

interface StepDrawing extends Drawing {
  figure: StepFigure;
  axis: RunAxis;
}

function stepSeries(run: ComparedRun, drawing: StepDrawing): Series {
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

/** More of each run could not be told apart. */
const MOST_MEASURED = 2;

/** The main figure as the run's line, another as dots. */
function measuredSeries(
  { place, name, epochs }: ComparedRun,
  { figure: chart, axis }: { figure: QualityChart; axis: RunAxis },
): Series[] {
  const { color, isDashed, letter } = runStyle(place);
  return QUALITY_FIGURES[chart].slice(0, MOST_MEASURED).flatMap((figure, i): Series[] => {
    const points = qualityPoints(figure, { epochs, axis });
    if (points.steps.length === 0) return [];
    return [
      {
        key: `${letter} ${name} ${figure.key}`,
        name: `${letter} ${name}, ${figure.name}`,
        colour: color,
        style: i > 0 ? "dots" : isDashed ? "dashed" : "line",
        ...points,
      },
    ];
  });
}

function valuesOf(run: ComparedRun, figure: StepFigure, smoothing: number) {
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
