/** The figures of a sweep in words. Pure. */
import { FIGURES, rankedBy, type Sweep } from "../../../../runtime/run/sweep.ts";
import { formatOf } from "../../../shared/charts/series/charts.ts";

type Figure = (typeof FIGURES)[number];

/** The figures that at least one run has. */
export function shownFigures({ runs }: Sweep): Figure[] {
  return FIGURES.filter(({ id }) =>
    runs.some(({ results }) => results.some(({ figures }) => id in figures)),
  );
}

/** The first that runs are ranked by, or else of the others the last; null while there is none. */
export function mainFigure(sweep: Sweep): Figure | null {
  const shown = shownFigures(sweep);
  const ranks = rankedBy(sweep.plan).flatMap(
    (id) => shown.find((figure) => figure.id === id) ?? [],
  );
  return ranks[0] ?? shown.at(-1) ?? null;
}

export function formatFigure({ metric }: Figure, value: number | undefined): string {
  return value === undefined ? "–" : formatOf({ format: "loss", ...metric }).format(value);
}
