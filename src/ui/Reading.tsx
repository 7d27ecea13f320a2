import { useAppState } from "./AppContext.ts";
import { formatPercent } from "./format.ts";
import { useTimeLeft } from "./timeLeft.ts";

/** Of the file of weights, or of a run, that is being read: its name and how far that is. */
export function Reading() {
  const { loading, loadedFraction } = useAppState((state) => state.weights);
  const timeLeft = useTimeLeft(loadedFraction ?? 0);
  if (loading === null) return null;
  // Once it has all come in, it is decoded, and a run is stored.
  const isIn = loadedFraction === 1;
  return (
    <span aria-busy="true">
      {isIn ? "Taking in" : "Reading"} {loading}…{" "}
      {loadedFraction !== null && !isIn && (
        <span aria-hidden="true">
          {formatPercent(loadedFraction)}
          {timeLeft}
        </span>
      )}
    </span>
  );
}
