/** The chart of the changes per step, and its files. Pure. */
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import type { ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import { OTHER_AXIS, type Plot, plotOf } from "../../../shared/plot/plot.ts";
import type { Series } from "../../../shared/plot/series.ts";
import { SIDES, type Side } from "./drawSettings.ts";
import type { Change } from "./frames.ts";

export interface SideChanges {
  side: Side;
  changes: readonly Change[];
}

/**
 * A curve for each side over the noise that is taken away, from pure noise, 0, to the finished digit, 1.
 *
 * @param startLevel the noise level that it begins with, above 0
 */
export function changePlot(all: readonly SideChanges[], startLevel: number): Plot | null {
  if (all.every(({ changes }) => changes.length === 0)) return null;
  const series = all.map(
    ({ side, changes }): Series => ({
      key: side,
      name: all.length > 1 ? side.toUpperCase() : "mean of all pixels",
      color: `var(--run-${SIDES.indexOf(side) + 1})`,
      style: side === "a" ? "line" : "dashed",
      steps: changes.map((_, i) => i + 1),
      xs: changes.map(({ level }) => 1 - level),
      values: changes.map(({ change }) => change),
    }),
  );
  return plotOf(series, {
    ...OTHER_AXIS,
    // Not in whole numbers.
    xKind: "epoch",
    xName: "Noise taken away",
    xScale: "linear",
    window: { from: 1 - startLevel, to: 1 },
    yScale: "linear",
    fromZero: true,
    numXTicks: 4,
    numYTicks: 3,
  });
}

function rowsOf(all: readonly SideChanges[]) {
  return all.flatMap(({ side, changes }) =>
    changes.map(({ t, change }, i) => ({ side, step: i + 1, t, change })),
  );
}

/** To read: a row for each step of A, then for each of B. */
export function changesTable(all: readonly SideChanges[]): ChartNumbers {
  const named = (side: Side) => (all.length > 1 ? [side.toUpperCase()] : []);
  return {
    columns: ["step", ...(all.length > 1 ? ["side"] : []), "to t", "change, gray levels"],
    rows: rowsOf(all).map(({ side, step, t, change }) => [
      ...[String(step), ...named(side), t < 0 ? "the end" : String(t), change.toFixed(2)],
    ]),
  };
}

/**
 * A row for each step of A, then for each of B: the step, from 1, the timestep after it, -1 at the end, and in a
 * column for each side the mean absolute change of a pixel in gray levels, 0 to 255.
 */
export function changesCsv(all: readonly SideChanges[]): string {
  const rows = rowsOf(all);
  return encodeCsv([
    { name: "step", values: rows.map(({ step }) => step) },
    { name: "t", values: rows.map(({ t }) => t) },
    ...all.map(({ side }) => ({
      name: all.length > 1 ? `change_${side}` : "change",
      values: rows.map((row) => (row.side === side ? row.change : Number.NaN)),
    })),
  ]);
}

/** The changes as JSON: a list for each side of its steps. */
export function changesJson(all: readonly SideChanges[]): string {
  const series = all.map((of) => ({
    side: of.side,
    steps: rowsOf([of]).map(({ step, t, change }) => ({ step, t, change })),
  }));
  return JSON.stringify({ title: "Change per step", unit: "gray levels", series });
}
