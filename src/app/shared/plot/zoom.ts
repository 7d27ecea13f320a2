/** What of the x axis is shown, after a drag or a key. */
import { bisectRight } from "d3-array";
import type { Scale, XWindow } from "../../state/slices/chartOptions.ts";
import { type AxisScale, scaleOf } from "./axes.ts";
import type { Series } from "./series.ts";

/** Between two places along the shown axis, in either order. */
export function zoomBetween(places: readonly [number, number], shown: AxisScale): XWindow {
  const at = (place: number) => shown.invert(Math.min(1, Math.max(0, place)));
  return { from: at(Math.min(...places)), to: at(Math.max(...places)) };
}

/**
 * `factor` times as much around a position, which stays where it is as far as the axis reaches; null
 * for all.
 */
export function zoomAround(
  x: number,
  factor: number,
  { whole, window, scale }: { whole: XWindow; window: XWindow; scale: Scale },
): XWindow | null {
  const place = scaleOf(scale, [whole.from, whole.to]);
  const [left, right] = [place(window.from), place(window.to)];
  const width = (right - left) * factor;
  if (width >= 1 - 1e-9) return null;
  const at = Math.min(right, Math.max(left, place(x)));
  const from = Math.min(1 - width, Math.max(0, at - (at - left) * factor));
  return { from: place.invert(from), to: place.invert(from + width) };
}

/** Whether there is enough in it for a curve. */
export function hasCurve(allSeries: readonly Series[], { from, to }: XWindow): boolean {
  return allSeries.some(({ xs }) => bisectRight(xs, to) - bisectRight(xs, from) >= 2);
}

/**
 * The step under the cursor after an arrow key: `by` hundredths of the shown steps further, at least
 * one step; those of the series that has the most.
 */
export function movedStep(
  allSeries: readonly Series[],
  { window, step, by }: { window: XWindow; step: number | null; by: number },
): number | null {
  const [base] = allSeries.toSorted((a, b) => b.steps.length - a.steps.length);
  if (!base) return null;
  const shownXs = base.xs.filter(Number.isFinite);
  const first = Math.min(bisectRight(shownXs, window.from - 1e-9), shownXs.length - 1);
  const last = bisectRight(shownXs, window.to) - 1;
  if (last < first) return null;
  const stride = Math.max(1, Math.round((Math.abs(by) * (last - first)) / 100));
  // Without a cursor the newest values are shown.
  const at = step === null ? last : bisectRight(base.steps, step) - 1;
  return base.steps[Math.min(last, Math.max(first, at + Math.sign(by) * stride))] ?? null;
}
