/** From series to what is drawn: axes, and as many points as a screen can tell apart. */
import { bisectRight } from "d3-array";
import { shortened } from "../../../engine/shortenedText.ts";
import type { EpochWord } from "../../../runtime/format.ts";
import type { Scale, XKind, XWindow } from "../../state/slices/chartOptions.ts";
import { type AxisScale, scaleOf, tickFormat, type Unit, unitFor, xTicks, yAxis } from "./axes.ts";
import type { Series } from "./series.ts";
import { downsample } from "./smoothing.ts";

/**
 * Around the plot, in pixels, so that the pointer can be placed over it: the axes, and on the right half
 * of a long number under the last tick, or names beside the curves' ends.
 *
 * @param textScale how much larger than usual the numbers are, see `TextScale`
 */
export function plotInsets({ hasEndNames, series, yTicks, yScale, yUnit }: Plot, textScale = 1) {
  const longestName = Math.max(...series.map((each) => endName(each).length));
  const letter = LETTER_WIDTH * textScale;
  const right = hasEndNames ? Math.max(58, 16 + letter * longestName) : 20 * textScale;
  const ticks = yTicks.map((tick) => tick / yUnit.size);
  const longestTick = Math.max(...ticks.map(tickFormat(ticks, yScale)).map(({ length }) => length));
  return { top: 8, right, bottom: 36 * textScale, left: Math.max(46, 9 + letter * longestTick) };
}

/** In pixels, about. */
const LETTER_WIDTH = 6.2;

/** Characters of a name beside the end of its curve. More would leave too little of the plot. */
const MAX_END_NAME = 18;

/** What a curve is called at its end, under what all are of. */
export function endName({ name }: Pick<Series, "name">): string {
  return shortened(name.replace(/^(t|class) |, live$/g, ""), MAX_END_NAME);
}

export interface PlotOptions {
  xKind: XKind;
  /** What an epoch is called; so when left out. */
  epochWord?: EpochWord;
  /** What is on the x axis, where that is not the training. */
  xName?: string;
  xScale: Scale;
  /** What of the x axis is shown. */
  window: XWindow;
  yScale: Scale;
  /** Whether a linear y axis always begins at 0; else where the values are. */
  fromZero: boolean;
  /** A linear axis reaches to this at least; as far as the values when left out. */
  yReaches?: number | undefined;
  /** Ascending: the axis is in the largest that fits. Their own when left out. */
  yUnits?: readonly Unit[] | undefined;
  /** Whether a few values far from all others are cut off, so that the others can be seen. */
  cutsSpikes: boolean;
  /** Most points of a curve, at least 4. */
  maxPoints: number;
  numXTicks: number;
  numYTicks: number;
  /** Whether the curves are named at their ends. */
  hasEndNames?: boolean;
}

/** The axis of a plot that is not over the training. */
export const OTHER_AXIS = {
  xKind: "step",
  maxPoints: 100,
  numXTicks: 7,
  numYTicks: 5,
  fromZero: false,
  cutsSpikes: false,
} as const;

export interface Plot extends PlotOptions {
  series: readonly Series[];
  x: AxisScale;
  xTicks: number[];
  y: AxisScale;
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

export function plotOf(series: readonly Series[], options: PlotOptions): Plot {
  const { window, xScale, yScale } = options;
  const parts = series.map((each) => ({ series: each, points: pointsIn(each, options) }));
  const drawn = parts.flatMap(({ points }) => points.map(({ y }) => y));
  const reaches = yScale === "linear" && drawn.length > 0 ? options.yReaches : undefined;
  const ys = reaches === undefined ? drawn : [...drawn, reaches];
  const yUnit = unitFor(Math.max(...ys), options.yUnits ?? []);
  const { ticks, domain } = yAxis(ys, { ...options, unit: yUnit.size });
  return {
    ...options,
    series,
    x: scaleOf(xScale, [window.from, window.to]),
    xTicks: xTicks(options),
    y: scaleOf(yScale, domain),
    yTicks: ticks,
    yDomain: domain,
    yUnit,
    curves: parts.map(({ series, points }) => ({
      series,
      points: points.map((point) => ({ ...point, y: clamp(point.y, domain) })),
    })),
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
  const start = bisectRight(xs, window.from);
  const first = xs[start - 1] === window.from ? start - 1 : start;
  const end = bisectRight(xs, window.to);
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
  const place = scaleOf(xScale, [x0, x1])(at);
  return { x: at, y: scaleOf(yScale, [y0, y1]).invert(place), isCrossing: true };
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
