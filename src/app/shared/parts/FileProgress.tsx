import { formatPercent } from "../../../runtime/format.ts";
import { useAppState } from "../AppContext.ts";
import { useTimeLeft } from "../timeLeft.ts";

/** The file of weights or of a run that is being read, and how far that is. */
export function FileProgress() {
  const { loading, loadedFraction, importedFraction } = useAppState((state) => state.weights);
  if (loading === null) return null;
  // Once it has all come in, it is decoded, and a run is stored.
  const isIn = loadedFraction === 1;
  const fraction = isIn ? importedFraction : loadedFraction;
  return (
    <span aria-busy="true">
      {isIn ? "Processing" : "Reading"} {loading}…{" "}
      {/* There from the beginning, so that all the time counts. */}
      <Progress key={String(isIn)} fraction={fraction} />
    </span>
  );
}

function Progress({ fraction }: { fraction: number | null }) {
  const timeLeft = useTimeLeft(fraction ?? 0);
  if (fraction === null) return null;
  return (
    <span aria-hidden="true">
      {formatPercent(fraction)}
      {timeLeft}
    </span>
  );
}

/** How far the run is that is opened or exported: `45 %, 3.2 s left`; nothing before that is known. */
export function StoredRunProgress() {
  const progress = useAppState(({ stored }) => stored.progress);
  if (!progress) return null;
  return (
    <>
      {" "}
      <Progress key={progress.runId} fraction={progress.fraction} />
    </>
  );
}
