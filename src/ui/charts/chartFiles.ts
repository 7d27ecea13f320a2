/** The series of a chart as text files and as a table: all points, or for reading some of them. */
import { encodeCsv } from "../../formats/csv.ts";
import type { XKind } from "../../store/chartOptions.ts";
import { firstAbove, type Series } from "./series.ts";

/** What the x axis is called in files; null where it is the step itself. */
const X_COLUMNS: Record<XKind, string | null> = { step: null, epoch: "epoch", time: "time_ms" };

/**
 * A row for each step that any of the series has a point at, ascending, with an empty field where
 * another has none.
 */
export function chartCsv(allSeries: readonly Series[], kind: XKind): string {
  const steps = stepsOf(allSeries);
  const xColumn = X_COLUMNS[kind];
  const rowOf = new Map(steps.map((step, row) => [step, row]));
  const columnOf = ({ steps: own }: Series, values: readonly number[]): number[] => {
    const column = new Array<number>(steps.length).fill(Number.NaN);
    own.forEach((step, i) => {
      column[rowOf.get(step) as number] = values[i] as number;
    });
    return column;
  };
  const xs = new Array<number>(steps.length).fill(Number.NaN);
  for (const series of allSeries) {
    columnOf(series, series.xs).forEach((x, row) => {
      if (Number.isNaN(xs[row])) xs[row] = x;
    });
  }
  return encodeCsv([
    { name: "step", values: steps },
    ...(xColumn === null ? [] : [{ name: xColumn, values: xs }]),
    ...allSeries.map((series) => ({ name: series.key, values: columnOf(series, series.values) })),
  ]);
}

/** Each series with all of its points; null for what is no number. */
export function chartJson(title: string, allSeries: readonly Series[], kind: XKind): string {
  const xColumn = X_COLUMNS[kind];
  const series = allSeries.map(({ key, name, steps, xs, values }) => ({
    ...{ key, name, step: steps },
    ...(xColumn === null ? {} : { [xColumn]: xs }),
    value: values,
  }));
  return JSON.stringify({ title, series });
}

export interface TableRow {
  step: number;
  /** Where it is on the x axis; NaN where nobody knows. */
  x: number;
  /** Of each series at this very step; null where it has none. */
  values: (number | null)[];
}

/**
 * Every epoch once, and at most `most` of the steps between, evenly spread, the first and the last
 * among them.
 */
export function tableRows(allSeries: readonly Series[], most: number): TableRow[] {
  const isByEpoch = ({ key, style }: Series) => style === "dots" || key === "reference";
  const epochSteps = stepsOf(allSeries.filter(isByEpoch));
  const spread = evenly(stepsOf(allSeries.filter((series) => !isByEpoch(series))), most);
  const steps = [...new Set([...epochSteps, ...spread])].sort((a, b) => a - b);
  return steps.map((step) => {
    const points = allSeries.map((series) => indexOfStep(series, step));
    const at = points.findIndex((index, i) => Number.isFinite(allSeries[i]?.xs[index]));
    return {
      step,
      x: allSeries[at]?.xs[points[at] as number] ?? Number.NaN,
      values: points.map((index, i) => {
        const value = allSeries[i]?.values[index];
        return value !== undefined && Number.isFinite(value) ? value : null;
      }),
    };
  });
}

/** -1 where it has none. */
function indexOfStep({ steps }: Series, step: number): number {
  const index = firstAbove(steps, step) - 1;
  return steps[index] === step ? index : -1;
}

function evenly(steps: readonly number[], most: number): number[] {
  const count = Math.min(most, steps.length);
  return Array.from({ length: count }, (_, i) => {
    const index = count > 1 ? Math.round((i * (steps.length - 1)) / (count - 1)) : 0;
    return steps[index] as number;
  });
}

/** That any of the series has a point at, ascending. */
export function stepsOf(allSeries: readonly Series[]): number[] {
  return [...new Set(allSeries.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
}
