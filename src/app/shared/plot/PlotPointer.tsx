/**
 * What a person does in a plot: pointing, with the pointer or the arrow keys, moves the cursor that all charts share;
 * dragging, or + and -, zooms into the x axis. The values at the cursor are read in the legend (`Readout`), in a corner
 * (`PointedValues`), and by those who do not see them as the value of a slider.
 *
 * recharts' `Tooltip` finds only points that are drawn, a few hundred of many thousand steps, and of each curve only one at
 * just this place. No slider of another view can move it, and its keys go from point to point alone. Its `ReferenceLine`
 * and `ReferenceDot` can be moved from outside, and take up to twice as long as the layer below
 * (`docs/decisions/charts.md`).
 */
import { Text } from "@mantine/core";
import { bisectRight } from "d3-array";
import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useState,
} from "react";
import { formatCount } from "../../../runtime/format.ts";
import type { Scale, XWindow } from "../../state/slices/chartOptions.ts";
import { cursorStep, pointedAt, pointedStep } from "../../state/slices/cursor.ts";
import type { AppState } from "../../state/state.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { type AxisScale, formatPosition, scaleOf } from "./axes.ts";
import { LegendEntry } from "./Legend.tsx";
import classes from "./Plot.module.css";
import type { Plot } from "./plot.ts";
import { cursorX, nearestStep, newestStep, pointAt, type Series } from "./series.ts";
import { usePlotInsets } from "./textScale.ts";

interface PlotPointerProps {
  title: string;
  plot: Plot;
  format: (value: number) => string;
  /** The step that is marked. */
  cursor: (state: AppState) => number | null;
  /** Where the chart can be zoomed: all of its x axis, and what to do. */
  zoom: { whole: XWindow; to: (window: XWindow | null) => void } | null;
}

/** Shorter drags, in pixels, are clicks. */
const MIN_DRAG = 5;
const HUNDREDTHS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: -100,
  End: 100,
};

/**
 * The pointer's layer lies over a plot. Pointing, or an arrow key, moves the cursor of all charts; dragging, or + and -,
 * zooms; a double click or Escape shows all.
 */
export function PlotPointer(props: PlotPointerProps) {
  const { title, plot, cursor, zoom } = props;
  const { series, window, xKind } = plot;
  const { store } = useApp();
  const markedStep = useAppState(cursor);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const pointTo = useCallback((step: number | null) => store.setState(pointedAt(step)), [store]);
  // The pointer does not leave what is no longer there, such as the assignment's epochs under a run that begins.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another kind of axis it is another place.
  useEffect(() => () => pointTo(null), [pointTo, xKind]);
  const zoomTo = (to: XWindow | null) => {
    if (zoom && (to === null || hasCurve(series, to))) zoom.to(to);
  };

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const place = placeIn(event);
    if (drag) setDrag({ ...drag, to: place });
    pointTo(nearestStep(series, plot.x.invert(place)));
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (!zoom || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const place = placeIn(event);
    setDrag({ from: place, to: place });
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    if (!drag) return;
    setDrag(null);
    const { width } = event.currentTarget.getBoundingClientRect();
    if (Math.abs(drag.to - drag.from) * width < MIN_DRAG) return;
    zoomTo(zoomBetween([drag.from, drag.to], plot.x));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = HUNDREDTHS[event.key];
    if (by !== undefined) pointTo(movedStep(series, { window, step: markedStep, by }));
    else if (zoom && "+=-".includes(event.key)) {
      const x = markedStep === null ? Number.NaN : cursorX(series, markedStep);
      const isShown = x >= window.from && x <= window.to;
      const limits = { window, scale: plot.xScale, whole: zoom.whole };
      const center = isShown ? x : plot.x.invert(0.5);
      zoomTo(zoomAround(center, event.key === "-" ? 2 : 0.5, limits));
    } else if (event.key === "Escape") zoomTo(null);
    else return;
    event.preventDefault();
  };

  const insets = usePlotInsets(plot);
  const numSteps = series.reduce((most, { steps }) => Math.max(most, steps.at(-1) ?? 0), 0);
  const shownStep = markedStep ?? newestStep(series, window) ?? 0;
  return (
    <div
      className={classes.pointer}
      style={insets}
      role="slider"
      tabIndex={0}
      aria-label={`Step, ${title}`}
      aria-valuemin={0}
      aria-valuemax={numSteps}
      aria-valuenow={shownStep}
      aria-valuetext={formatValue(shownStep, props)}
      data-zooms={zoom !== null || undefined}
      onPointerMove={onPointerMove}
      onPointerLeave={() => pointTo(null)}
      onPointerDown={onPointerDown}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={() => zoomTo(null)}
      onKeyDown={onKeyDown}
      onBlur={() => pointTo(null)}
    >
      {drag && (
        <div
          className={classes.selection}
          style={{
            left: `${100 * Math.min(drag.from, drag.to)}%`,
            width: `${100 * Math.abs(drag.to - drag.from)}%`,
          }}
        />
      )}
      <Crosshair plot={plot} step={markedStep} />
    </div>
  );
}

/** Returns where the pointer is across the plot, in [0, 1]. */
function placeIn({ clientX, currentTarget }: PointerEvent<HTMLDivElement>): number {
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.min(1, Math.max(0, (clientX - left) / width));
}

/** `Step 1,234: each step 0.0412, smoothed 0.0408` */
function formatValue(step: number, { plot, format }: PlotPointerProps): string {
  const values = plot.series.flatMap((each) => {
    const point = pointAt(each, step);
    return point ? [`${each.name} ${format(point.value)}`] : [];
  });
  return `${formatPosition(step, cursorX(plot.series, step), plot.xKind, plot.epochWord)}: ${values.join(", ")}`;
}

/** The crosshair is a line through the step that all charts point at, and a dot at each value. */
function Crosshair({ plot, step }: { plot: Plot; step: number | null }) {
  if (step === null) return null;
  const place = plot.x(cursorX(plot.series, step));
  return (
    <>
      {isInside(place) && (
        <div className={classes.cursor} data-cursor style={{ left: percent(place) }} />
      )}
      {plot.series.map((each) => {
        const point = each.style === "faint" ? null : pointAt(each, step);
        if (!point) return null;
        const [left, bottom] = [plot.x(point.x), plot.y(point.value)];
        if (!isInside(left) || !isInside(bottom)) return null;
        const dot = { left: percent(left), bottom: percent(bottom), "--color": each.color };
        return <div key={each.key} className={classes.dot} style={dot as CSSProperties} />;
      })}
    </>
  );
}

function isInside(place: number): boolean {
  return place >= 0 && place <= 1;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(3)}%`;
}

/** Returns what lies between two places along the shown axis, in either order. */
export function zoomBetween(places: readonly [number, number], shown: AxisScale): XWindow {
  const at = (place: number) => shown.invert(Math.min(1, Math.max(0, place)));
  return { from: at(Math.min(...places)), to: at(Math.max(...places)) };
}

/**
 * Returns `factor` times as much around a position, which stays where it is as far as the axis reaches; null means all of
 * the axis.
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

/** Says whether a window has enough points for a curve. */
export function hasCurve(allSeries: readonly Series[], { from, to }: XWindow): boolean {
  return allSeries.some(({ xs }) => bisectRight(xs, to) - bisectRight(xs, from) >= 2);
}

/**
 * An arrow key moves the cursor by `by` hundredths of the shown steps, at least by one. The steps are those of the series
 * that has the most.
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

/** Says where the cursor is; without one it is at the newest step that is shown. */
export function CursorPlace({ plot }: { plot: Plot }) {
  const step = useShownStep(plot);
  return (
    <Text span size="xs" lh="inherit" style={{ whiteSpace: "nowrap" }}>
      {step !== null &&
        formatPosition(step, cursorX(plot.series, step), plot.xKind, plot.epochWord)}
    </Text>
  );
}

interface ReadoutProps {
  plot: Plot;
  format: (value: number) => string;
}

/**
 * The legend of a chart has the value of each series at the cursor, or the newest that is shown. It stands still, since
 * each value has its room.
 */
export function Readout({ plot, format, className }: ReadoutProps & { className?: string }) {
  const { series } = plot;
  const step = useShownStep(plot);
  const mayEnd = ({ style, isSparse }: Series) => style !== "dots" && !isSparse;
  const ends = series.filter(mayEnd).map(({ steps }) => steps.at(-1));
  const mayEndBefore = new Set(ends).size > 1;
  return (
    <div className={`${classes.readout} ${className}`}>
      {series.map((each) => {
        const point = step === null ? null : pointAt(each, step);
        const last = each.steps.at(-1) ?? 0;
        const hasEnded = step !== null && step > last;
        return (
          <LegendEntry key={each.key} series={each} data-entry={each.key}>
            <b className={classes.value}>{point ? format(point.value) : "–"}</b>
            {/* Of runs side by side one may be shorter: its last value is not one of this step. */}
            {mayEndBefore && mayEnd(each) && (
              <span style={{ visibility: hasEnded ? "visible" : "hidden" }}>
                at {formatCount(last)}
              </span>
            )}
          </LegendEntry>
        );
      })}
    </div>
  );
}

function useShownStep({ series, window }: Plot): number | null {
  return useAppState(cursorStep) ?? newestStep(series, window);
}

/** The values at the pointer stand in a corner of a chart whose legend has no room for them. */
export function PointedValues({ plot, format }: ReadoutProps) {
  const step = useAppState(pointedStep);
  if (step === null) return null;
  return (
    <div className={`box ${classes.pointed}`} aria-hidden>
      <b>{formatPosition(step, cursorX(plot.series, step), plot.xKind, plot.epochWord)}</b>
      {plot.series.map((each) => {
        const point = pointAt(each, step);
        return (
          point && (
            <LegendEntry key={each.key} series={each}>
              <span>{format(point.value)}</span>
            </LegendEntry>
          )
        );
      })}
    </div>
  );
}
