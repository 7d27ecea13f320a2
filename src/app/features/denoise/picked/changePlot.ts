/** Where the chart of changes has its axes and its curves. Pure. */

import { linearTicks } from "../../../shared/plot/axisTicks.ts";
import type { Change } from "../state/denoiseFrames.ts";

/** Of the chart, in pixels of the page. */
export const HEIGHT = 108;
/** Left of the axis, for its numbers; above the highest tick, and below the lowest. */
export const LEFT = 30;
const [TOP, BOTTOM] = [7, 7];
const RIGHT = 2;

export interface ChangePlot {
  /** In grey levels, from 0; the last is above all changes. None while there are none. */
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
  const ticks = changes.length > 0 ? linearTicks(Math.max(0.1, ...changes), 3) : [];
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
