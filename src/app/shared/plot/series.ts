/** What a chart draws: numbers of one run, or of several, by training step. */
import { bisectRight } from "d3-array";

/** `faint` is a line behind others, `dots` a line with a dot at each of a few points. */
export type SeriesStyle = "faint" | "line" | "dots" | "dashed";

export interface Series {
  /** Names it in files and in the chart's picture; no two of a chart have the same. */
  key: string;
  name: string;
  /** CSS, with the theme's variables. */
  color: string;
  style: SeriesStyle;
  /** It has points at some steps of its run only, and goes on after the last of them. */
  isSparse?: true;
  /** Ascending. */
  steps: readonly number[];
  /** Where each step is on the x axis, never descending; NaN at the end where it is not known. */
  xs: readonly number[];
  /** At each step; NaN where there is none. */
  values: readonly number[];
}

/** The newest finite value up to a step; null before the first. */
export function pointAt(
  { steps, xs, values }: Series,
  step: number,
): { x: number; value: number } | null {
  for (let i = bisectRight(steps, step) - 1; i >= 0; i--) {
    const value = values[i] as number;
    if (Number.isFinite(value)) return { x: xs[i] as number, value };
  }
  return null;
}

/** The step of any of the series that is nearest to a position on the x axis; null without any. */
export function nearestStep(allSeries: readonly Series[], x: number): number | null {
  let nearest: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (const { steps, xs } of allSeries) {
    const above = bisectRight(xs, x);
    for (const i of [above - 1, above]) {
      const gap = Math.abs((xs[i] ?? Number.NaN) - x);
      if (gap < distance) [nearest, distance] = [steps[i] as number, gap];
    }
  }
  return nearest;
}

/** The newest step within a window, of the run rather than of its reference; null without any. */
export function newestStep(allSeries: readonly Series[], { to }: { to: number }): number | null {
  const own = allSeries.filter(({ key }) => key !== "reference");
  const steps = (own.length > 0 ? own : allSeries).flatMap(
    ({ steps, xs }) => steps[bisectRight(xs, to) - 1] ?? [],
  );
  return steps.length > 0 ? Math.max(...steps) : null;
}

/** The x of a step, between two steps by proportion; NaN outside. */
export function xOfStep({ steps, xs }: Pick<Series, "steps" | "xs">, step: number): number {
  const above = bisectRight(steps, step);
  const below = above - 1;
  if (steps[below] === step) return xs[below] as number;
  const [from, to] = [steps[below], steps[above]];
  if (from === undefined || to === undefined) return Number.NaN;
  const [x0, x1] = [xs[below] as number, xs[above] as number];
  return x0 + ((x1 - x0) * (step - from)) / (to - from);
}

/** The x of a step by the first series that reaches so far; NaN when none does. */
export function cursorX(allSeries: readonly Series[], step: number): number {
  for (const series of allSeries) {
    const x = xOfStep(series, step);
    if (Number.isFinite(x)) return x;
  }
  return Number.NaN;
}
