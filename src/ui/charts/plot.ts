/** From series to what is drawn: axes, ticks, and as many points as a screen can tell apart. */
import type { Scale, XKind, XWindow } from "../../store/chartOptions.ts";
import { downsample } from "../../store/lossCurve.ts";
import { fewerLogTicks, linearTicks, logTicks, rangeTicks } from "../axisTicks.ts";
import { firstAbove, type Series } from "./series.ts";
import { timeUnit } from "./xWords.ts";

export interface PlotOptions {
  xKind: XKind;
  xScale: Scale;
  /** What of the x axis is shown. */
  window: XWindow;
  yScale: Scale;
  /** Whether a linear y axis always begins at 0; else where the values are. */
  fromZero: boolean;
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
  curves: Curve[];
}

/** What is drawn of a series, left to right; all within the window and the y domain. */
export interface Curve {
  series: Series;
  points: CurvePoint[];
}

export interface CurvePoint {
  x: number;
  y: number;
  /** Not a point of the series, but where its line crosses the window's edge. */
  isCrossing?: true;
}

export function plotOf(allSeries: readonly Series[], options: PlotOptions): Plot {
  const { window, xScale, yScale } = options;
  const parts = allSeries.map((series) => ({ series, points: pointsIn(series, options) }));
  const { ticks, domain } = yAxis(
    parts.flatMap(({ points }) => points.map(({ y }) => y)),
    options,
  );
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
    curves,
  };
}

/**
 * The whole x axis of some series: from 0, or on a log axis from the first point; to a round end,
 * so that the axis stands still for many a step.
 */
export function wholeWindow(allSeries: readonly Series[], scale: Scale): XWindow {
  const xs = allSeries.flatMap((series) => {
    const last = series.xs.findLastIndex(Number.isFinite);
    return last < 0 ? [] : [series.xs[0] as number, series.xs[last] as number];
  });
  const to = linearTicks(Math.max(...xs), 20).at(-1) as number;
  if (scale === "linear" || xs.length === 0) return { from: scale === "log" ? to / 10 : 0, to };
  const first = Math.min(...xs.filter((x) => x > 0));
  return { from: first < to ? first : to / 10, to };
}

/** Where a value is along an axis: 0 at its beginning, 1 at its end. */
export function placeOn(value: number, axis: readonly [number, number], scale: Scale): number {
  const [start, end] = axis;
  if (scale === "linear") return (value - start) / (end - start);
  return Math.log(value / start) / Math.log(end / start);
}

/** The inverse of `placeOn`. */
export function valueOn(place: number, axis: readonly [number, number], scale: Scale): number {
  const [start, end] = axis;
  if (scale === "linear") return start + place * (end - start);
  return start * (end / start) ** place;
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

/** Below this ratio of highest to lowest, 1, 2 and 5 of the powers of ten are too far apart. */
const LOG_TICKS_FROM = 4;

function yAxis(
  ys: readonly number[],
  { yScale, fromZero, numYTicks }: PlotOptions,
): { ticks: number[]; domain: [number, number] } {
  const min = Math.min(...ys);
  const max = Math.max(...ys);
  if (ys.length === 0) {
    return {
      ticks: yScale === "log" ? [0.1, 1] : [0, 1],
      domain: yScale === "log" ? [0.1, 1] : [0, 1],
    };
  }
  if (yScale === "log" && max / min >= LOG_TICKS_FROM) {
    const ticks = logTicks(min, max);
    return { ticks: fewerLogTicks(ticks, 2 * numYTicks), domain: endsOf(ticks) };
  }
  const isFitted = yScale === "log" || (!fromZero && min > max / 2);
  const ticks = isFitted
    ? rangeTicks(min, max, numYTicks)
    : rangeTicks(Math.min(0, min), max, numYTicks);
  if (yScale === "linear") return { ticks, domain: endsOf(ticks) };
  const positive = ticks.filter((tick) => tick > 0);
  const [lowest, highest] = endsOf(positive);
  return { ticks: positive, domain: [Math.min(lowest, min), highest] };
}

function xTicks({ xKind, xScale, window, numXTicks }: PlotOptions): number[] {
  const { from, to } = window;
  const unit = xKind === "time" ? timeUnit(to).ms : 1;
  const isInside = (x: number) => x >= from * (1 - 1e-9) && x <= to * (1 + 1e-9);
  const inUnits = (ticks: number[]) => ticks.map((tick) => tick * unit).filter(isInside);
  if (xScale === "log") {
    const ticks = fewerLogTicks(inUnits(logTicks(from / unit, to / unit)), numXTicks);
    if (ticks.length >= 2) return ticks;
  }
  return inUnits(rangeTicks(from / unit, to / unit, numXTicks));
}

function endsOf(ticks: readonly number[]): [number, number] {
  const [first, last] = [ticks[0] as number, ticks.at(-1) as number];
  return first < last ? [first, last] : [first, first + 1];
}

function clamp(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}
