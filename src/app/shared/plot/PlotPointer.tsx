import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useState,
} from "react";
import type { XWindow } from "../../state/slices/chartOptions.ts";
import { pointedAt } from "../../state/slices/cursor.ts";
import type { AppState } from "../../state/state.ts";
import { useApp, useAppState } from "../AppContext.ts";
import classes from "./Plot.module.css";
import { type Plot, plotInsets } from "./plot.ts";
import { cursorX, nearestStep, newestStep, pointAt } from "./series.ts";
import { positionWords } from "./xWords.ts";
import { hasCurve, movedStep, zoomAround, zoomBetween } from "./zoom.ts";

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
 * Lies over a plot: pointing, or an arrow key, moves the cursor of all charts; dragging, or + and -,
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

  const numSteps = series.reduce((most, { steps }) => Math.max(most, steps.at(-1) ?? 0), 0);
  const shownStep = markedStep ?? newestStep(series, window) ?? 0;
  return (
    <div
      className={classes.pointer}
      style={plotInsets(plot)}
      role="slider"
      tabIndex={0}
      aria-label={`Step, ${title}`}
      aria-valuemin={0}
      aria-valuemax={numSteps}
      aria-valuenow={shownStep}
      aria-valuetext={valueWords(shownStep, props)}
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

/** Where the pointer is across the plot, in [0, 1]. */
function placeIn({ clientX, currentTarget }: PointerEvent<HTMLDivElement>): number {
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.min(1, Math.max(0, (clientX - left) / width));
}

/** `Step 1,234: each step 0.0412, smoothed 0.0408` */
function valueWords(step: number, { plot, format }: PlotPointerProps): string {
  const values = plot.series.flatMap((each) => {
    const point = pointAt(each, step);
    return point ? [`${each.name} ${format(point.value)}`] : [];
  });
  return `${positionWords(step, cursorX(plot.series, step), plot.xKind, plot.epochWord)}: ${values.join(", ")}`;
}

/** A line through the step that all charts point at, and a dot at each value. */
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
