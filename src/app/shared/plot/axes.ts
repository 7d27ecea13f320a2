/** The axes of a plot: what they span, and their round numbers. Pure. */
import { extent, ticks } from "d3-array";
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import type { Scale, XKind, XWindow } from "../../state/slices/chartOptions.ts";
import type { Series } from "./series.ts";
import { fewerLogTicks, linearTicks, logTicks } from "./ticks.ts";
import { xUnit } from "./xWords.ts";

/** From values to their places along an axis: 0 at its beginning, 1 at its end. */
export type AxisScale = ScaleContinuousNumeric<number, number>;

export function scaleOf(scale: Scale, domain: readonly [number, number]): AxisScale {
  return scale === "log" ? scaleLog(domain, [0, 1]) : scaleLinear(domain, [0, 1]);
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
  const to = linearTicks(0, Math.max(...xs), 10).at(-1) as number;
  if (scale === "linear") return { from: 0, to };
  const first = Math.min(...xs.filter((x) => x > 0));
  return { from: first < to ? first : to / 10, to };
}

/** Below this ratio of highest to lowest, 1, 2 and 5 of the powers of ten are too far apart. */
const LOG_TICKS_FROM = 4;
/** Values that differ by less than this share of the highest would have equal labels: six digits are kept. */
const FLAT = 1e-5;

interface YAxisOptions {
  yScale: Scale;
  /** Whether a linear axis always begins at 0; else where the values are. */
  fromZero: boolean;
  numYTicks: number;
  /** Ticks are round in units of so much. */
  unit: number;
}

export function yAxis(
  ys: readonly number[],
  { yScale, fromZero, numYTicks, unit }: YAxisOptions,
): { ticks: number[]; domain: [number, number] } {
  const [min, max] = extent(ys);
  if (min === undefined) {
    // Without values no numbers.
    return { ticks: [], domain: yScale === "log" ? [0.1 * unit, unit] : [0, unit] };
  }
  const inUnits = (round: number[]) => round.map((tick) => tick * unit);
  if (yScale === "log" && max / min >= LOG_TICKS_FROM) {
    const all = logTicks(min / unit, max / unit);
    return {
      ticks: inUnits(fewerLogTicks(all, 2 * numYTicks + 1)),
      domain: withRoom(endsOf(inUnits(all)), { min, max, scale: "log" }),
    };
  }
  const isFlat = max - min <= FLAT * Math.abs(max);
  const isFitted = !isFlat && (yScale === "log" || (!fromZero && min > max / 2));
  const lowest = isFitted ? min : Math.min(0, min);
  const all = inUnits(linearTicks(lowest / unit, max / unit, numYTicks));
  const shown = yScale === "log" ? all.filter((tick) => tick > 0) : all;
  const [first, last] = endsOf(shown);
  const domain: [number, number] = [yScale === "log" ? Math.min(first, min) : first, last];
  return { ticks: shown, domain: withRoom(domain, { min, max, scale: yScale }) };
}

/** A curve that is nearer to the edge than this share of the axis would be cut along it. */
const EDGE = 0.03;

/** The axis, longer at an end that a curve would run along; by 0 there is room enough below. */
function withRoom(
  domain: [number, number],
  { min, max, scale }: { min: number; max: number; scale: Scale },
): [number, number] {
  const place = scaleOf(scale, domain);
  const [low, high] = domain;
  return [
    low !== 0 && place(min) < EDGE ? place.invert(-EDGE) : low,
    place(max) > 1 - EDGE ? place.invert(1 + EDGE) : high,
  ];
}

interface XAxisOptions {
  xKind: XKind;
  xScale: Scale;
  window: XWindow;
  numXTicks: number;
}

export function xTicks({ xKind, xScale, window, numXTicks }: XAxisOptions): number[] {
  const unit = xUnit(xKind, window, xScale);
  const [from, to] = [window.from / unit, window.to / unit];
  const inUnits = (round: number[]) => round.map((tick) => tick * unit);
  if (xScale === "log") {
    const all = logTicks(from, to).filter((x) => x >= from * (1 - 1e-9) && x <= to * (1 + 1e-9));
    const shown = fewerLogTicks(all, numXTicks);
    const [previous, last] = [shown.at(-1) as number, all.at(-1) as number];
    // The powers of ten leave much of the end bare: there, the last of all ticks stands too.
    const place = scaleOf("log", [from, to]);
    if (place(last) - place(previous) > 1 / (numXTicks + 1)) shown.push(last);
    if (shown.length >= 2) return inUnits(shown);
  }
  const round = ticks(from, to, numXTicks);
  return inUnits(xKind === "step" ? round.filter(Number.isInteger) : round);
}

function endsOf(all: readonly number[]): [number, number] {
  const [first, last] = [all[0] as number, all.at(-1) as number];
  return first < last ? [first, last] : [first, first + 1];
}
