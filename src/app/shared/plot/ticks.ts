/** The round numbers along an axis, and how they are written: all in one way. Pure. */
import { formatCount } from "../../../runtime/format.ts";
import type { Scale } from "../../state/slices/chartOptions.ts";

/** About `count` multiples of 1, 2 or 5 times a power of ten that cover [0, max]; the last is >= max. */
export function linearTicks(max: number, count: number): number[] {
  // Below that the powers of ten are no longer numbers.
  if (!(max > 1e-300) || !Number.isFinite(max)) return [0, 1];
  const step = niceStep(max / count);
  const numSteps = Math.ceil(max / step - 1e-9);
  return Array.from({ length: numSteps + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/**
 * The same for [min, max], from the last multiple below to the first above; from 0 where the two are
 * one value but for rounding, since ticks between them would all be equal.
 */
export function rangeTicks(min: number, max: number, count: number): number[] {
  const isOneValue = !(max - min > 1e-9 * Math.max(Math.abs(min), Math.abs(max)));
  if (isOneValue || !Number.isFinite(max - min)) return linearTicks(max, count);
  const step = niceStep((max - min) / count);
  const from = Math.floor(min / step + 1e-9);
  const to = Math.ceil(max / step - 1e-9);
  return Array.from({ length: to - from + 1 }, (_, i) =>
    Number(((from + i) * step).toPrecision(12)),
  );
}

/** 1, 2 and 5 times powers of ten, from the last below `min` to the first above `max`. */
export function logTicks(min: number, max: number): number[] {
  if (!(min > 1e-300) || !(max >= min) || !Number.isFinite(max)) return [0.1, 1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const factor of [1, 2, 5]) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
  }
  const from = ticks.findLastIndex((tick) => tick <= min);
  const to = ticks.findIndex((tick) => tick >= max);
  return ticks.slice(Math.max(0, from), Math.max(to, from + 1) + 1);
}

/** The next of 1, 2, 5, 10, 20, … */
export function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5, 10].find((f) => f * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Of ticks on a log axis so many that there is room: all, the powers of ten, or some of those. */
export function fewerLogTicks(ticks: readonly number[], most: number): number[] {
  if (ticks.length <= most) return [...ticks];
  const powers = ticks.filter((tick) => Number.isInteger(Number(Math.log10(tick).toFixed(9))));
  // Without two of them there would be no scale.
  const kept = powers.length >= 2 ? powers : ticks;
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
export function tickFormat(ticks: readonly number[], scale: Scale): (tick: number) => string {
  const decimals = Math.max(0, ...ticks.map(decimalsOf));
  const power = Math.floor(Math.log10(Math.max(...ticks.map(Math.abs))) + 1e-9);
  const rest = Math.max(0, decimals + power);
  if (scale === "log" && decimals <= MAX_DECIMALS) return formatPlain;
  const areRound = ticks.every(
    (tick) => Number(tick.toPrecision(6)) === Number(tick.toPrecision(1)),
  );
  if (scale === "log" && areRound) return (tick) => tick.toExponential(0).replace("+", "");
  // `0.89825` is shorter than `8.9825e-1`.
  if (decimals <= Math.max(MAX_DECIMALS, rest + 2)) return (tick) => withDecimals(tick, decimals);
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

function withDecimals(tick: number, decimals: number): string {
  return decimals === 0 ? formatCount(Math.round(tick)) : tick.toFixed(decimals);
}
