/** The axes of a plot: what they span, and their round numbers. Pure. */
import type { Scale, XKind, XWindow } from "../../state/slices/chartOptions.ts";
import type { Series } from "./series.ts";
import { fewerLogTicks, linearTicks, logTicks, rangeTicks } from "./ticks.ts";
import { xUnit } from "./xWords.ts";

/** What values are told in: one of it is `size` of the series' own. */
export interface Unit {
  name: string;
  size: number;
}

interface YAxisOptions {
  yScale: Scale;
  /** Whether a linear axis always begins at 0; else where the values are. */
  fromZero: boolean;
  numYTicks: number;
  /** Ticks are round in units of so much. */
  unit: number;
}

interface XAxisOptions {
  xKind: XKind;
  xScale: Scale;
  window: XWindow;
  numXTicks: number;
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
  // Not the logarithms of quotients, which overflow beside a tiny start.
  const [from, to] = [Math.log(start), Math.log(end)];
  return (Math.log(value) - from) / (to - from);
}

/** The inverse of `placeOn`. */
export function valueOn(place: number, axis: readonly [number, number], scale: Scale): number {
  const [start, end] = axis;
  if (scale === "linear") return start + place * (end - start);
  return start ** (1 - place) * end ** place;
}

/** Below this ratio of highest to lowest, 1, 2 and 5 of the powers of ten are too far apart. */
const LOG_TICKS_FROM = 4;

/** The largest whose size is not above a value; the first for small ones. */
export function unitFor(value: number, units: readonly Unit[]): Unit {
  return units.findLast(({ size }) => size <= value) ?? units[0] ?? { name: "", size: 1 };
}

/** Values that differ by less than this share of the highest would have equal labels: six digits are kept. */
const FLAT = 1e-5;

/** A curve that is nearer to the edge than this share of the axis would be cut along it. */
const EDGE = 0.03;

export function yAxis(
  ys: readonly number[],
  { yScale, fromZero, numYTicks, unit }: YAxisOptions,
): { ticks: number[]; domain: [number, number] } {
  if (ys.length === 0) {
    // No numbers that nobody has measured.
    return { ticks: [], domain: yScale === "log" ? [0.1 * unit, unit] : [0, unit] };
  }
  const min = Math.min(...ys);
  const max = Math.max(...ys);
  const inUnits = (round: number[]) => round.map((tick) => tick * unit);
  if (yScale === "log" && max / min >= LOG_TICKS_FROM) {
    const ticks = inUnits(logTicks(min / unit, max / unit));
    const domain = withRoom(endsOf(ticks), { min, max, scale: "log" });
    return { ticks: fewerLogTicks(ticks, 2 * numYTicks + 1), domain };
  }
  const isFlat = max - min <= FLAT * Math.abs(max);
  const isFitted = !isFlat && (yScale === "log" || (!fromZero && min > max / 2));
  const lowest = isFitted ? min : Math.min(0, min);
  const ticks = inUnits(rangeTicks(lowest / unit, max / unit, numYTicks));
  if (yScale === "linear") {
    return { ticks, domain: withRoom(endsOf(ticks), { min, max, scale: "linear" }) };
  }
  const positive = ticks.filter((tick) => tick > 0);
  const [first, last] = endsOf(positive);
  return {
    ticks: positive,
    domain: withRoom([Math.min(first, min), last], { min, max, scale: "log" }),
  };
}

/** The axis, longer at an end that a curve would run along; by 0 there is room enough below. */
function withRoom(
  domain: [number, number],
  { min, max, scale }: { min: number; max: number; scale: Scale },
): [number, number] {
  const [low, high] = domain;
  const isCutBelow = low !== 0 && placeOn(min, domain, scale) < EDGE;
  const isCutAbove = placeOn(max, domain, scale) > 1 - EDGE;
  return [
    isCutBelow ? valueOn(-EDGE, domain, scale) : low,
    isCutAbove ? valueOn(1 + EDGE, domain, scale) : high,
  ];
}

export function xTicks({ xKind, xScale, window, numXTicks }: XAxisOptions): number[] {
  const { from, to } = window;
  const unit = xUnit(xKind, window, xScale);
  const isInside = (x: number) => x >= from * (1 - 1e-9) && x <= to * (1 + 1e-9);
  const inUnits = (ticks: number[]) => ticks.map((tick) => tick * unit).filter(isInside);
  if (xScale === "log") {
    const all = inUnits(logTicks(from / unit, to / unit));
    const ticks = fewerLogTicks(all, numXTicks);
    if (ticks.length >= 2) return withLast(ticks, { all, window, numXTicks });
  }
  return inUnits(rangeTicks(from / unit, to / unit, numXTicks));
}

/** The powers of ten leave much of the end of a log axis bare: there, the last of all ticks stands too. */
function withLast(
  ticks: number[],
  { all, window, numXTicks }: { all: number[]; window: XWindow; numXTicks: number },
): number[] {
  const [previous, last] = [ticks.at(-1) as number, all.at(-1) as number];
  const ends = [window.from, window.to] as const;
  const gap = placeOn(last, ends, "log") - placeOn(previous, ends, "log");
  return gap > 1 / (numXTicks + 1) ? [...ticks, last] : ticks;
}

function endsOf(ticks: readonly number[]): [number, number] {
  const [first, last] = [ticks[0] as number, ticks.at(-1) as number];
  return first < last ? [first, last] : [first, first + 1];
}
