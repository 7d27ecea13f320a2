import type { Series } from "../../../../../src/app/shared/plot/series.ts";

/** Over steps, as a line. */
export function seriesOf(
  steps: readonly number[],
  values: readonly number[],
  changes: Partial<Series> = {},
): Series {
  const words = { key: "loss", name: "loss", color: "red", style: "line" } as const;
  return { ...words, steps, xs: steps, values, ...changes };
}

/** A value for each of the steps 1 to `count`. */
export function longSeries(count: number, valueAt: (step: number) => number): Series {
  const steps = Array.from({ length: count }, (_, i) => i + 1);
  return seriesOf(steps, steps.map(valueAt));
}
