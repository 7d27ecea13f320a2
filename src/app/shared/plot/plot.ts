/** From series to what is drawn: axes, and as many points as a screen can tell apart. */
import type { Scale, XKind, XWindow } from "../../state/slices/chartOptions.ts";
import { downsample } from "../../state/slices/lossCurve.ts";
import { placeOn, type Unit, unitFor, valueOn, xTicks, yAxis } from "./axes.ts";
import { firstAbove, type Series } from "./series.ts";

/** Where the plot lies in its picture, in pixels: known, so that the pointer can be placed over it. */
export interface PlotInsets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export const Y_AXIS_WIDTH = 46;
/** Of the ticks and, below them, the label. */
export const X_AXIS_HEIGHT = 34;
export const BOTTOM_MARGIN = 2;

/** On the right, half of a long number under the last tick, or names beside the curves' ends. */
const PLAIN: PlotInsets = {
  top: 8,
  right: 18,
  bottom: X_AXIS_HEIGHT + BOTTOM_MARGIN,
  left: Y_AXIS_WIDTH,
};
const NAMED: PlotInsets = { ...PLAIN, right: 58 };

export function plotInsets(hasEndNames: boolean): PlotInsets {
  return hasEndNames ? NAMED : PLAIN;
}

export interface PlotOptions {
  xKind: XKind;
  xScale: Scale;
  /** What of the x axis is shown. */
  window: XWindow;
  yScale: Scale;
  /** Whether a linear y axis always begins at 0; else where the values are. */
  fromZero: boolean;
  /** A linear axis reaches to this at least; as far as the values when left out. */
  yReaches?: number | undefined;
  /** Ascending: the values are told in the largest that fits. Their own when left out. */
  yUnits?: readonly Unit[] | undefined;
  /** Whether a few values far from all others are cut off, so that the others can be seen. */
  cutsSpikes: boolean;
  /** Most points of a curve, at least 4. */
  maxPoints: number;
  numXTicks: number;
  numYTicks: number;
}

export interface Plot {
  window: XWindow;
  xScale: Scale;
  xTicks: number[];
  yScale: Scale;
  yTicks: number[];
  yDomain: [number, number];
  /** Ticks are round in it. */
  yUnit: Unit;
  curves: Curve[];
}

/** What is drawn of a series, left to right; all within the window and the y domain. */
export interface Curve {
  series: Series;
  points: CurvePoint[];
}

interface CurvePoint {
  x: number;
  y: number;
  /** Not a point of the series, but where its line crosses the window's edge. */
  isCrossing?: true;
}

export function plotOf(allSeries: readonly Series[], options: PlotOptions): Plot {
  const { window, xScale, yScale } = options;
  const parts = allSeries.map((series) => ({ series, points: pointsIn(series, options) }));
  const drawn = parts.flatMap(({ points }) => points.map(({ y }) => y));
  const reaches = yScale === "linear" && drawn.length > 0 ? options.yReaches : undefined;
  const ys = reaches === undefined ? drawn : [...drawn, reaches];
  const yUnit = unitFor(Math.max(...ys), options.yUnits ?? []);
  const { ticks, domain } = yAxis(ys, { ...options, unit: yUnit.size });
  const curves = parts.map(({ series, points }) => ({
    series,
    points: points.map((point) => ({ ...point, y: clamp(point.y, domain) })),
  }));
  return {
    window,
    xScale,
    xTicks: xTicks(options),
    yScale,
    yTicks: ticks,
    yDomain: domain,
    yUnit,
    curves,
  };
}

/** What there is to see: curves, nothing in the part that is zoomed to, or nothing at all. */
export function contentOf(
  { curves }: Pick<Plot, "curves">,
  isZoomed: boolean,
): "curves" | "elsewhere" | "nothing" {
  if (curves.some(({ points }) => points.length > 0)) return "curves";
  const hasValues = curves.some(({ series }) => series.values.some(Number.isFinite));
  return isZoomed && hasValues ? "elsewhere" : "nothing";
}

function pointsIn(series: Series, options: PlotOptions): Curve["points"] {
  const { window, yScale, maxPoints } = options;
  const { xs } = series;
  const canBeDrawn = (y: number) => Number.isFinite(y) && (yScale === "linear" || y > 0);
  const start = firstAbove(xs, window.from);
  const first = xs[start - 1] === window.from ? start - 1 : start;
  const end = firstAbove(xs, window.to);
  const values = series.values
    .slice(first, end)
    .map((value) => (canBeDrawn(value) ? value : Number.NaN));
  const points = downsample(values, maxPoints).map((i) => ({
    x: xs[first + i] as number,
    y: values[i] as number,
  }));
  if (series.style === "faint" && options.cutsSpikes) cutSpikes(points, values);
  const before = crossing(series, first - 1, { at: window.from, ...options });
  const after = crossing(series, end - 1, { at: window.to, ...options });
  return [...(before ? [before] : []), ...points, ...(after ? [after] : [])];
}

/** Where the line from a point to the next one crosses the edge of the window. */
function crossing(
  { xs, values }: Series,
  index: number,
  { at, xScale, yScale }: Pick<PlotOptions, "xScale" | "yScale"> & { at: number },
): CurvePoint | null {
  const [x0, x1, y0, y1] = [xs[index], xs[index + 1], values[index], values[index + 1]];
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) return null;
  if (!(x0 < at && at < x1) || !Number.isFinite(y0 + y1)) return null;
  if ((xScale === "log" && x0 <= 0) || (yScale === "log" && (y0 <= 0 || y1 <= 0))) return null;
  const y = valueOn(placeOn(at, [x0, x1], xScale), [y0, y1], yScale);
  return { x: at, y, isCrossing: true };
}

/** The share of the values that may be cut off on either side. */
const SPIKES = 0.01;
const NUM_LOOKED_AT = 1000;

function cutSpikes(points: { y: number }[], values: readonly number[]): void {
  const every = Math.ceil(values.length / NUM_LOOKED_AT);
  const sorted = values
    .filter((value, i) => i % every === 0 && !Number.isNaN(value))
    .sort((a, b) => a - b);
  const numCut = Math.ceil(SPIKES * sorted.length);
  const [low, high] = [sorted[numCut], sorted[sorted.length - 1 - numCut]];
  if (low === undefined || high === undefined || low > high) return;
  // Only what is far off, so that the curve's own ups and downs stay whole.
  const room = Math.max(high - low, high * 0.25);
  for (const point of points) point.y = clamp(point.y, [low - room, high + room]);
}

function clamp(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}
