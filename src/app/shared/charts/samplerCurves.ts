/** Curves of samplers: how good what they draw is, by how often they ask the network. */
import type { ObjectiveId } from "../../../engine/diffusion/objectives.ts";
import { samplerEntry, stepSamplers } from "../../../engine/diffusion/samplers.ts";
import { SPACINGS, type SpacingId } from "../../../engine/diffusion/spacings.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import type { SamplerPoint } from "../../../engine/quality/samplerComparison.ts";
import { OTHER_AXIS, type Plot, plotOf } from "../plot/plot.ts";
import type { Series, SeriesStyle } from "../plot/series.ts";

/** Styles of the spacings' curves, in the order of `SPACINGS`; any others are plain lines. */
const STYLES: readonly SeriesStyle[] = ["dots", "dashed"];

export function spacingStyle(spacing: SpacingId): SeriesStyle {
  return STYLES[Object.keys(SPACINGS).indexOf(spacing)] ?? "line";
}

/**
 * A curve over the predictions for each sampler and spacing, in the color of its sampler.
 *
 * @param figureOf the figure that is drawn
 */
export function samplerSeries<Point extends Pick<SamplerPoint, "sampler" | "numPasses">>(
  { points, objective }: { points: readonly Point[]; objective: ObjectiveId },
  figureOf: (point: Point) => number | undefined,
): Series[] {
  const kinds = Object.keys(stepSamplers());
  const keyOf = ({ sampler }: Point) => `${sampler.kind} ${sampler.spacing}`;
  return [...new Set(points.map(keyOf))].map((key) => {
    const line = points.filter((point) => keyOf(point) === key);
    const { kind, spacing } = (line[0] as Point).sampler;
    const predictions = line.map(({ numPasses }) => numPasses);
    return {
      key,
      name: `${samplerEntry(kind, objective).label}, ${SPACINGS[spacing].label}`,
      color: `var(--run-${kinds.indexOf(kind) + 1})`,
      style: spacingStyle(spacing),
      steps: predictions,
      xs: predictions,
      values: line.map((point) => figureOf(point) ?? Number.NaN),
    };
  });
}

export function comparisonPlot(series: readonly Series[], { isLog }: { isLog: boolean }): Plot {
  const most = Math.max(...series.flatMap(({ xs }) => xs));
  const least = Math.min(...series.flatMap(({ xs }) => xs));
  return plotOf(series, {
    xName: "Predictions for a sample",
    xScale: "log",
    window: { from: least, to: Math.max(most, 2 * least) },
    yScale: isLog ? "log" : "linear",
    ...OTHER_AXIS,
    // Differences of a thousandth are chance, and should not fill the chart.
    ...(!isLog && { yReaches: 0.9 }),
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
