import { formatPercent } from "../../../runtime/format.ts";
import { useAppState } from "../AppContext.ts";
import { useTimeLeft } from "../timeLeft.ts";

/** How far the run is that is opened or exported: `45 %, 3.2 s left`; nothing before that is known. */
export function RunWork() {
  const progress = useAppState(({ stored }) => stored.progress);
  if (!progress) return null;
  return <Left key={progress.runId} fraction={progress.fraction} />;
}

function Left({ fraction }: { fraction: number }) {
  const timeLeft = useTimeLeft(fraction);
  return (
    <span aria-hidden="true">
      {" "}
      {formatPercent(fraction)}
      {timeLeft}
    </span>
  );
}
