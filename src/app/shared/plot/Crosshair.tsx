import type { CSSProperties } from "react";
import { placeOn } from "./axes.ts";
import classes from "./Plot.module.css";
import type { Plot } from "./plot.ts";
import { pointAt, type Series, xOfStep } from "./series.ts";

interface CrosshairProps {
  plot: Plot;
  series: readonly Series[];
  step: number | null;
}

/** A line through the step that all charts point at, and a dot at each value. */
export function Crosshair({ plot, series, step }: CrosshairProps) {
  if (step === null) return null;
  const x = placeOf(cursorX(series, step), plot);
  return (
    <>
      {x !== null && <div className={classes.cursor} data-cursor style={{ left: percent(x) }} />}
      {series
        .filter(({ style }) => style !== "faint")
        .map((each) => {
          const point = pointAt(each, step);
          const left = point && placeOf(point.x, plot);
          if (!point || left === null) return null;
          const up = placeOn(point.value, plot.yDomain, plot.yScale);
          if (!(up >= 0 && up <= 1)) return null;
          const place = { left: percent(left), bottom: percent(up), "--color": each.color };
          return <div key={each.key} className={classes.dot} style={place as CSSProperties} />;
        })}
    </>
  );
}

/** Where a step is on the axis, by the first series that reaches so far; NaN when none does. */
export function cursorX(series: readonly Series[], step: number): number {
  for (const each of series) {
    const x = xOfStep(each, step);
    if (Number.isFinite(x)) return x;
  }
  return Number.NaN;
}

/** Along the shown axis, in [0, 1]; null outside. */
function placeOf(x: number, { window, xScale }: Plot): number | null {
  const place = placeOn(x, [window.from, window.to], xScale);
  return place >= 0 && place <= 1 ? place : null;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(3)}%`;
}
