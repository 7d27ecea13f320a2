import { SeriesSwatch } from "../../../shared/plot/Legend.tsx";
import classes from "./CompareView.module.css";

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

const NUM_COLORS = 6;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** How the n-th run is told apart, not by color alone: every other line is dashed, each has a letter. */
export function runStyle(place: number) {
  const round = Math.floor(place / LETTERS.length);
  return {
    color: `var(--run-${(place % NUM_COLORS) + 1})`,
    // From the seventh run on, the colors come again, each with the other kind of line.
    isDashed: (place + Math.floor(place / NUM_COLORS)) % 2 === 1,
    // `A`, `B` … `Z`, `A2`: two runs may have one name.
    letter: `${LETTERS[place % LETTERS.length]}${round > 0 ? round + 1 : ""}`,
  };
}
