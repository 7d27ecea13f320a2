/** Round numbers for an axis. Given to the chart, so that it need not look for them at each point. */

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

function niceStep(atLeast: number): number {
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
