/**
 * This file computes the two axes of a plot: what they span, their round numbers, and how a position on them is written.
 * recharts draws the numbers that it is given. Left to itself it crowds all nine digits of a decade on a log axis, ends
 * the axis between two numbers, knows no units, and cuts off what is wider than its room.
 */
import { extent, nice, ticks } from "d3-array";
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import { type EpochWord, formatCount, formatDuration } from "../../../runtime/format.ts";
import type { Scale, XKind, XWindow } from "../../state/slices/chartOptions.ts";
import type { Series } from "./series.ts";

/** A scale turns values into places along an axis: 0 is its beginning, 1 its end. */
export type AxisScale = ScaleContinuousNumeric<number, number>;

export function scaleOf(scale: Scale, domain: readonly [number, number]): AxisScale {
  return scale === "log" ? scaleLog(domain, [0, 1]) : scaleLinear(domain, [0, 1]);
}

/**
 * The whole x axis of some series begins at 0, or on a log axis at the first point, and has a round end, so that it
 * stands still for many a step.
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

/** Values are given in a unit: one of it is `size` of the series' own. */
export interface Unit {
  name: string;
  size: number;
}

/** Finds the largest unit whose size is not above a value; small values are in the first. */
export function unitFor(value: number, units: readonly Unit[]): Unit {
  return units.findLast(({ size }) => size <= value) ?? units[0] ?? { name: "", size: 1 };
}

/**
 * Returns about `count` round numbers that cover [min, max]. They begin at 0 where the two are one value but for
 * rounding, since ticks between them would all be equal.
 */
export function linearTicks(min: number, max: number, count: number): number[] {
  const isOneValue = !(max - min > 1e-9 * Math.max(Math.abs(min), Math.abs(max)));
  const [from, to] = isOneValue ? [Math.min(0, max), Math.max(0, max)] : [min, max];
  // Below that the powers of ten are no longer numbers.
  if (!(to - from > 1e-300) || !Number.isFinite(to - from)) return [0, 1];
  return ticks(...nice(from, to, count), count);
}

/**
 * Returns 1, 2 and 5 times powers of ten, from the last below `min` to the first above `max`. d3's `nice` would show two
 * decades for a loss that spans one.
 */
export function logTicks(min: number, max: number): number[] {
  if (!(min > 1e-300) || !(max >= min) || !Number.isFinite(max)) return [0.1, 1];
  const round: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const factor of [1, 2, 5]) round.push(Number(`${factor}e${power}`));
  }
  const from = round.findLastIndex((tick) => tick <= min);
  const to = round.findIndex((tick) => tick >= max);
  return round.slice(Math.max(0, from), Math.max(to, from + 1) + 1);
}

/** Keeps as many ticks of a log axis as there is room for: all, the powers of ten, or some of those. */
export function fewerLogTicks(all: readonly number[], most: number): number[] {
  if (all.length <= most) return [...all];
  const powers = all.filter((tick) => /^1e/.test(tick.toExponential()));
  // Without two of them there would be no scale.
  const kept = powers.length >= 2 ? powers : all;
  const every = Math.ceil(kept.length / most);
  return kept.filter((_, i) => i % every === 0);
}

/** Numbers with more decimals would be wider than an axis has room. */
const MAX_DECIMALS = 4;

/**
 * All numbers of an axis are written in one way. On a linear axis they have as many decimals as the one that needs most,
 * `0.0`, `0.5`, `1.0`, or one power of ten, `2e-6`, `4e-6`, whichever is shorter. On a log axis each is as short as it
 * can be, `0.05`, `0.1`, `2,000`; where plain numbers would be too long and all are a digit times a power of ten, they are
 * written as such, `5e-5`, `1e-4`.
 */
export function tickFormat(all: readonly number[], scale: Scale): (tick: number) => string {
  const decimals = Math.max(0, ...all.map(decimalsOf));
  const power = Math.floor(Math.log10(Math.max(...all.map(Math.abs))) + 1e-9);
  const rest = Math.max(0, decimals + power);
  if (scale === "log" && decimals <= MAX_DECIMALS) return formatPlain;
  const areRound = all.every((tick) => Number(tick.toPrecision(6)) === Number(tick.toPrecision(1)));
  if (scale === "log" && areRound) return (tick) => tick.toExponential(0).replace("+", "");
  // `0.89825` is shorter than `8.9825e-1`.
  if (decimals <= Math.max(MAX_DECIMALS, rest + 2)) {
    return (tick) => (decimals === 0 ? formatCount(Math.round(tick)) : tick.toFixed(decimals));
  }
  return (tick) => (tick === 0 ? "0" : `${(tick / 10 ** power).toFixed(rest)}e${power}`);
}

/** Counts the decimals of a round number, without those that computing has added. */
function decimalsOf(tick: number): number {
  const [digits = "", power = "0"] = Number(tick.toPrecision(6)).toExponential().split("e");
  const fraction = digits.split(".")[1]?.length ?? 0;
  return Math.max(0, fraction - Number(power));
}

function formatPlain(tick: number): string {
  return tick >= 1000 ? formatCount(tick) : String(Number(tick.toPrecision(6)));
}

/**
 * The unit of an axis of time is so small that its ticks are round numbers, also within minutes of a long run, and that
 * the first one on a log axis is no small part of it.
 */
function timeUnit({ from, to }: XWindow, scale: Scale) {
  const shownMs = scale === "log" ? from : to - from;
  if (shownMs < 120_000) return { name: "s", ms: 1000 };
  return shownMs < 7_200_000 ? { name: "min", ms: 60_000 } : { name: "h", ms: 3_600_000 };
}

export function xLabel(
  kind: XKind,
  window: XWindow,
  scale: Scale,
  epochWord: EpochWord = "epoch",
): string {
  if (kind === "time") return `Wall time (${timeUnit(window, scale).name})`;
  if (kind === "step") return "Training step";
  return epochWord === "phase" ? "Phase" : "Epoch";
}

/** Returns how long one unit of the axis is, in the unit of its positions. */
export function xUnit(kind: XKind, window: XWindow, scale: Scale): number {
  return kind === "time" ? timeUnit(window, scale).ms : 1;
}

/** `Step 1,234`, `Step 1,234, epoch 2.63`, `Step 1,234, 2 min 5 s` */
export function formatPosition(
  step: number,
  x: number,
  kind: XKind,
  epochWord: EpochWord = "epoch",
): string {
  const words = `Step ${formatCount(step)}`;
  if (kind === "step" || !Number.isFinite(x)) return words;
  return `${words}, ${kind === "epoch" ? `${epochWord} ` : ""}${formatXValue(x, kind)}`;
}

/** `2.63` epochs, `2 min 5 s` */
export function formatXValue(x: number, kind: Exclude<XKind, "step">): string {
  return kind === "epoch" ? x.toFixed(2) : formatDuration(x);
}
