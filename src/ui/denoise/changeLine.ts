/** Where the points of the chart of changes lie. Pure. */
import type { Change } from "../../store/denoiseChanges.ts";

/** Of the chart, in its own units. */
export const WIDTH = 320;
export const HEIGHT = 90;
/** Between the highest point and the edge. */
const MARGIN = 4;

export interface Scale {
  /** Highest value, in grey levels, rounded up to a tenth. */
  top: number;
  /** The place of a noise level: 1 on the left, the finished digit on the right. */
  x(level: number): number;
  y(change: number): number;
}

export function chartScale(all: readonly (readonly Change[])[]): Scale {
  const highest = Math.max(0.1, ...all.flat().map(({ change }) => change));
  return {
    top: Math.ceil(10 * highest) / 10,
    x: (level) => WIDTH * (1 - level),
    y: (change) => HEIGHT - 1 - ((HEIGHT - 1 - MARGIN) * change) / highest,
  };
}

/** `x,y x,y …` of a polyline. */
export function changeLine(changes: readonly Change[], scale: Scale): string {
  return changes
    .map(({ level, change }) => `${scale.x(level).toFixed(1)},${scale.y(change).toFixed(1)}`)
    .join(" ");
}
