/** The figures of a sweep in words. Pure. */
import { FIGURES, rankedBy, type Sweep } from "../../../runtime/run/sweep.ts";
import { formatOf } from "../../shared/charts/series/chartLook.ts";

type Figure = (typeof FIGURES)[number];

/** Those that any run has. */
export function shownFigures({ runs }: Sweep): Figure[] {
  return FIGURES.filter(({ id }) =>
    runs.some(({ results }) => results.some(({ figures }) => id in figures)),
  );
}

/** The first that runs are ranked by; null while none has any. */
export function mainFigure(sweep: Sweep): Figure | null {
  const shown = shownFigures(sweep);
  const order = rankedBy(sweep.plan);
  return (
    shown.find(({ id }) => id === order.find((each) => shown.some((f) => f.id === each))) ?? null
  );
}

export function formatFigure({ metric }: Figure, value: number | undefined): string {
  return value === undefined ? "–" : formatOf({ format: "loss", ...metric }).format(value);
}
