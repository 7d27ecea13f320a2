/** The comparison of samplers as curves, and in numbers. Pure. */
import type { ObjectiveId } from "../../../../engine/diffusion/objectives.ts";
import { samplerEntry, stepSamplers } from "../../../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../../../engine/diffusion/spacings.ts";
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import type { SamplerPoint } from "../../../../engine/quality/samplerComparison.ts";
import { formatShare } from "../../../../runtime/format.ts";
import type { ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import type { NoteName } from "../../../shared/explain/notes.ts";
import { OTHER_AXIS, type Plot, plotOf } from "../../../shared/plot/plot.ts";
import type { Series, SeriesStyle } from "../../../shared/plot/series.ts";
import { frechetWords } from "./text.ts";

export interface ComparedFigure {
  id: keyof SamplerPoint["figures"];
  title: string;
  note?: NoteName;
  /** Whether it may be many times as large with few predictions as with many. */
  isLog: boolean;
}

export const COMPARED_FIGURES: readonly ComparedFigure[] = [
  {
    id: "frechetDistance",
    title: "Fréchet distance by predictions",
    note: "frechet",
    isLog: true,
  },
  { id: "meanConfidence", title: "Confidence by predictions", isLog: false },
];

/** The points of a network, which was trained with the objective. */
export interface ComparedPoints {
  points: readonly SamplerPoint[];
  objective: ObjectiveId;
}

/** Styles of the spacings' curves, in the order of `SPACINGS`; any others are plain lines. */
const STYLES: readonly SeriesStyle[] = ["dots", "dashed"];

export function spacingStyle(spacing: SpacingId): SeriesStyle {
  return STYLES[Object.keys(SPACINGS).indexOf(spacing)] ?? "line";
}

/** A curve over the predictions for each sampler and spacing, in the color of its sampler. */
export function samplerSeries(
  { points, objective }: ComparedPoints,
  { id }: ComparedFigure,
): Series[] {
  const kinds = Object.keys(stepSamplers());
  const keyOf = ({ sampler }: SamplerPoint) => `${sampler.kind} ${sampler.spacing}`;
  return [...new Set(points.map(keyOf))].map((key) => {
    const line = points.filter((point) => keyOf(point) === key);
    const { kind, spacing } = (line[0] as SamplerPoint).sampler;
    const predictions = line.map(({ numPasses }) => numPasses);
    return {
      key,
      name: `${samplerEntry(kind, objective).label}, ${SPACINGS[spacing].label}`,
      color: `var(--run-${kinds.indexOf(kind) + 1})`,
      style: spacingStyle(spacing),
      steps: predictions,
      xs: predictions,
      values: line.map(({ figures }) => figures[id]),
    };
  });
}

export function comparisonPlot(series: readonly Series[], { isLog }: ComparedFigure): Plot {
  const most = Math.max(...series.flatMap(({ xs }) => xs));
  const least = Math.min(...series.flatMap(({ xs }) => xs));
  return plotOf(series, {
    xName: "Predictions for a sample",
    xScale: "log",
    window: { from: least, to: Math.max(most, 2 * least) },
    yScale: isLog ? "log" : "linear",
    ...OTHER_AXIS,
  });
}

/** A row for each number of predictions, a column for each curve; empty where a sampler takes other numbers. */
export function comparisonCsv(series: readonly Series[]): string {
  const rows = [...new Set(series.flatMap(({ xs }) => xs))].sort((a, b) => a - b);
  return encodeCsv([
    { name: "predictions", values: rows },
    ...series.map(({ key, xs, values }) => ({
      name: key.replace(" ", "_"),
      values: rows.map((row) => values[xs.indexOf(row)] ?? Number.NaN),
    })),
  ]);
}

export function comparisonNumbers({ points, objective }: ComparedPoints): ChartNumbers {
  return {
    columns: ["Predictions", "Sampler", "Spacing", "Steps", "Fréchet", "Confidence", "Above 0.9"],
    rows: points.map(({ sampler, numPasses, figures }) => [
      String(numPasses),
      samplerEntry(sampler.kind, objective).label,
      SPACINGS[sampler.spacing].label,
      String(sampler.timesteps),
      frechetWords(figures.frechetDistance),
      figures.meanConfidence.toFixed(3),
      formatShare(figures.shareConfident),
    ]),
  };
}
