import classes from "./CompareView.module.css";
import { runStyle } from "./runStyle.ts";

/** The line with which the n-th run is drawn. */
export function RunSwatch({ index }: { index: number }) {
  const { color, isDashed } = runStyle(index);
  return (
    <span
      className={classes.swatch}
      data-dashed={isDashed || undefined}
      style={{ borderTopColor: color }}
      aria-hidden="true"
    />
  );
}
