/** The series of a chart as text files and as a table: all points, or for reading some of them. */
import { evenIndices } from "../../../engine/config/snapshotSteps.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import { formatCount } from "../../../runtime/format.ts";
import type { XKind } from "../../state/slices/chartOptions.ts";
import { formatXValue } from "../plot/axes.ts";
import type { Series } from "../plot/series.ts";
import type { ChartNumbers } from "./ChartFrame.tsx";

/** What the x axis is called in files; null where it is the step itself. */
const X_COLUMNS: Record<XKind, string | null> = { step: null, epoch: "epoch", time: "time_ms" };

/**
 * A row for each step that any of the series has a point at, ascending, with an empty field where
 * another has none. Before the first series stands where the steps are on the x axis, and before each
 * that is elsewhere at a step, as another run is: `time_ms,A,B time_ms,B`.
 */
export function chartCsv(allSeries: readonly Series[], kind: XKind): string {
  const steps = stepsOf(allSeries);
  const column = (name: string, values: ReadonlyMap<number, number>) => ({
    name,
    values: steps.map((step) => values.get(step) ?? Number.NaN),
  });
  const xColumn = X_COLUMNS[kind];
  const places = xColumn === null ? [] : placesOf(allSeries);
  return encodeCsv([
    { name: "step", values: steps },
    ...allSeries.flatMap((series) => {
      const own = places.find(({ first }) => first === series);
      const name = own === places[0] ? `${xColumn}` : `${series.key} ${xColumn}`;
      return [
        ...(own ? [column(name, own.xs)] : []),
        column(series.key, byStep(series.steps, series.values)),
      ];
    }),
  ]);
}

interface Places {
  /** The first of the series that have these places. */
  first: Series;
  /** By step. */
  xs: Map<number, number>;
}

/** Where the steps are on the x axis: once for all series that agree about it. */
function placesOf(allSeries: readonly Series[]): Places[] {
  const places: Places[] = [];
  for (const series of allSeries) {
    const own = byStep(series.steps, series.xs);
    const agreeing = places.find(({ xs }) =>
      [...own].every(([step, x]) => Object.is(xs.get(step) ?? x, x)),
    );
    if (agreeing) for (const [step, x] of own) agreeing.xs.set(step, x);
    else places.push({ first: series, xs: own });
  }
  return places;
}

function byStep(steps: readonly number[], values: readonly number[]): Map<number, number> {
  return new Map(steps.map((step, i) => [step, values[i] as number]));
}

/** Each series with all of its points; null for what is no number. */
export function chartJson(title: string, allSeries: readonly Series[], kind: XKind): string {
  const xColumn = X_COLUMNS[kind];
  const series = allSeries.map(({ key, name, steps, xs, values }) => ({
    key,
    name,
    step: steps,
    ...(xColumn === null ? {} : { [xColumn]: xs }),
    value: values,
  }));
  return JSON.stringify({ title, series });
}

/** The table has at most so many of the steps between the epochs. */
const MAX_ROWS = 50;
const X_HEADINGS = { epoch: "Epoch", time: "Wall time" };

/** The series as a table to read. */
export function chartNumbers(
  series: readonly Series[],
  kind: XKind,
  format: (value: number) => string,
): ChartNumbers {
  const rows = tableRows(series, MAX_ROWS);
  const numSteps = stepsOf(series).length;
  const formatXAxis = (x: number) =>
    kind === "step" || !Number.isFinite(x) ? "" : formatXValue(x, kind);
  const hasX = kind !== "step" && rows.some(({ x }) => Number.isFinite(x));
  return {
    columns: ["Step", ...(hasX ? [X_HEADINGS[kind]] : []), ...series.map(({ name }) => name)],
    rows: rows.map(({ step, x, values }) => [
      formatCount(step),
      ...(hasX ? [formatXAxis(x)] : []),
      ...values.map((value) => (value === null ? "" : format(value))),
    ]),
    hint:
      rows.length < numSteps
        ? `Every epoch, and some of the ${formatCount(numSteps)} steps. The CSV has all.`
        : null,
  };
}

export interface TableRow {
  step: number;
  /** Where it is on the x axis; NaN if unknown, or if it differs between runs. */
  x: number;
  /** Value of each series at this very step; null where it has none. */
  values: (number | null)[];
}

/**
 * Every epoch once, and at most `most` of the steps between, evenly spread, the first and the last
 * among them.
 */
export function tableRows(allSeries: readonly Series[], most: number): TableRow[] {
  const isByEpoch = ({ key, style }: Series) => style === "dots" || key === "reference";
  const ofSteps = allSeries.filter((series) => !isByEpoch(series));
  const wholes = ofSteps.filter(({ isSparse }) => !isSparse);
  const isOneRun = new Set(wholes.map(({ xs }) => xs)).size <= 1;
  const epochSteps = stepsOf(allSeries.filter(isByEpoch));
  const all = stepsOf(ofSteps);
  const spread = evenIndices(all.length, most).map((i) => all[i] as number);
  const steps = [...new Set([...epochSteps, ...spread])].sort((a, b) => a - b);
  const columns = allSeries.map((series) => ({
    xs: byStep(series.steps, series.xs),
    values: byStep(series.steps, series.values),
  }));
  return steps.map((step) => ({
    step,
    x:
      columns.map(({ xs }) => xs.get(step)).find((x) => isOneRun && Number.isFinite(x)) ??
      Number.NaN,
    values: columns.map(({ values }) => {
      const value = values.get(step);
      return value !== undefined && Number.isFinite(value) ? value : null;
    }),
  }));
}

/** The steps at which any of the series has a point, ascending. */
function stepsOf(allSeries: readonly Series[]): number[] {
  return [...new Set(allSeries.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
}
