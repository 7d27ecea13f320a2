import type { CSSProperties } from "react";
import type { Series } from "../plot/series.ts";
import classes from "./SeriesSwatch.module.css";

/** A piece of a series' line in a legend, as it is drawn. */
export function SeriesSwatch({ series }: { series: Pick<Series, "color" | "style"> }) {
  const { color, style } = series;
  return (
    <span
      className={classes.swatch}
      data-swatch={style}
      style={{ "--color": color } as CSSProperties}
      aria-hidden="true"
    />
  );
}
