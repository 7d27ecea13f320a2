import type { CSSProperties } from "react";
import classes from "./Plot.module.css";
import type { Plot } from "./plot.ts";
import { cursorX, pointAt } from "./series.ts";

/** A line through the step that all charts point at, and a dot at each value. */
export function Crosshair({ plot, step }: { plot: Plot; step: number | null }) {
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
