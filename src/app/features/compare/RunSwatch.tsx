import { SeriesSwatch } from "../../shared/charts/SeriesSwatch.tsx";
import classes from "./CompareView.module.css";
import { runStyle } from "./runStyle.ts";

/** The line with which the n-th run is drawn, and its letter. */
export function RunSwatch({ place }: { place: number }) {
  const { color, isDashed, letter } = runStyle(place);
  return (
    <span className={classes.mark}>
      <SeriesSwatch series={{ color, style: isDashed ? "dashed" : "line" }} />
      <b>{letter}</b>
    </span>
  );
}
