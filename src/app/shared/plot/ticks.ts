/** The round numbers along an axis, and how they are written: all in one way. Pure. */
import { nice, ticks } from "d3-array";
import { formatCount } from "../../../runtime/format.ts";
import type { Scale } from "../../state/slices/chartOptions.ts";

/**
 * About `count` round numbers that cover [min, max]; from 0 where the two are one value but for
 * rounding, since ticks between them would all be equal.
 */
export function linearTicks(min: number, max: number, count: number): number[] {
  const isOneValue = !(max - min > 1e-9 * Math.max(Math.abs(min), Math.abs(max)));
  const [from, to] = isOneValue ? [Math.min(0, max), Math.max(0, max)] : [min, max];
  // Below that the powers of ten are no longer numbers.
  if (!(to - from > 1e-300) || !Number.isFinite(to - from)) return [0, 1];
  return ticks(...nice(from, to, count), count);
}

/** 1, 2 and 5 times powers of ten, from the last below `min` to the first above `max`. */
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

/** As many ticks of a log axis as there is room for: all, the powers of ten, or some of those. */
export function fewerLogTicks(all: readonly number[], most: number): number[] {
  if (all.length <= most) return [...all];
  const powers = all.filter((tick) => /^1e/.test(tick.toExponential()));
  // Without two of them there would be no scale.
  const kept = powers.length >= 2 ? powers : all;
  const every = Math.ceil(kept.length / most);
  return kept.filter((_, i) => i % every === 0);
}

/** More of them would be wider than an axis has room. */
const MAX_DECIMALS = 4;

/**
 * On a linear axis with as many decimals as the one that needs most, `0.0`, `0.5`, `1.0`, or with one
 * power of ten, `2e-6`, `4e-6`, whichever is shorter; on a log axis each as short as it is, `0.05`,
 * `0.1`, `2,000`, or, where all are powers of ten times a digit, as such, `5e-5`, `1e-4`.
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

/** Decimals that a round number has; of the exact ones, without what computing has added. */
function decimalsOf(tick: number): number {
  const [digits = "", power = "0"] = Number(tick.toPrecision(6)).toExponential().split("e");
  const fraction = digits.split(".")[1]?.length ?? 0;
  return Math.max(0, fraction - Number(power));
}

function formatPlain(tick: number): string {
  return tick >= 1000 ? formatCount(tick) : String(Number(tick.toPrecision(6)));
}
