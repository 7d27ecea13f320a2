/** The chart of the changes per step, and its files. Pure. */
import { encodeCsv } from "../../../../engine/formats/csv.ts";
import type { ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import { linearTicks } from "../../../shared/plot/ticks.ts";
import type { Change } from "../state/denoiseFrames.ts";
import type { Side } from "../state/denoiseSettings.ts";

/** Height of the chart, in CSS pixels. */
export const HEIGHT = 108;
/** Left of the axis, for its numbers; above the highest tick, and below the lowest. */
export const LEFT = 30;
const [TOP, BOTTOM] = [7, 7];
const RIGHT = 2;

export interface ChangePlot {
  /** In gray levels, from 0; the last is above all changes. None while there are none. */
  ticks: number[];
  /** The place of a noise level: what it begins with on the left, the finished digit, 0, on the right. */
  x(level: number): number;
  y(change: number): number;
}

/**
 * @param from the noise level that it begins with, above 0
 * @param width of the whole chart, in pixels
 */
export function changePlot(
  all: readonly (readonly Change[])[],
  { from, width }: { from: number; width: number },
): ChangePlot {
  const changes = all.flat().map(({ change }) => change);
  const ticks = changes.length > 0 ? linearTicks(0, Math.max(0.1, ...changes), 2) : [];
  const top = ticks.at(-1) ?? 1;
  return {
    ticks,
    x: (level) => LEFT + Math.max(0, width - LEFT - RIGHT) * (1 - level / from),
    y: (change) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * change) / top,
  };
}

/** `M x,y x,y …` of a path. */
export function changePath(changes: readonly Change[], plot: ChangePlot): string {
  const points = changes.map(
    ({ level, change }) => `${plot.x(level).toFixed(1)},${plot.y(change).toFixed(1)}`,
  );
  return points.length > 0 ? `M ${points.join(" ")}` : "";
}

export interface SideChanges {
  side: Side;
  changes: readonly Change[];
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
 * The same rows: the step, from 1, the timestep after it, -1 at the end, and the mean absolute change
 * of a pixel in gray levels, 0 to 255, in a column for each side.
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

/** The same, a list for each side. */
export function changesJson(all: readonly SideChanges[]): string {
  const series = all.map((of) => ({
    side: of.side,
    steps: rowsOf([of]).map(({ step, t, change }) => ({ step, t, change })),
  }));
  return JSON.stringify({ title: "Change per step", unit: "gray levels", series });
}
