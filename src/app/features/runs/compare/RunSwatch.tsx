import { SeriesSwatch } from "../../../shared/plot/Legend.tsx";
import classes from "./CompareView.module.css";
import { runStyle } from "./runStyle.ts";

/** The line with which the n-th run is drawn, and its letter. */
export function RunSwatch({ place }: { place: number }) {
  const { color, isDashed, letter } = runStyle(place);
  return (
    <span className={classes.mark}>
      <SeriesSwatch color={color} style={isDashed ? "dashed" : "line"} />
      <b>{letter}</b>
    </span>
  );
}
