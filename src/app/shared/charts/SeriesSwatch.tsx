import type { CSSProperties } from "react";
import type { Series } from "../plot/series.ts";
import classes from "./SeriesSwatch.module.css";

/** A piece of a series' line in a legend, as it is drawn. */
export function SeriesSwatch({ series }: { series: Pick<Series, "colour" | "style"> }) {
  const { colour, style } = series;
  return (
    <span
      className={classes.swatch}
      data-swatch={style}
      style={{ "--colour": colour } as CSSProperties}
      aria-hidden="true"
    />
  );
}
