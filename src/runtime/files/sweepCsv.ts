import { configOfRun, variedNames } from "../../engine/config/sweep.ts";
import { encodeCsv } from "../../engine/formats/csv.ts";
import { columnOf } from "../../engine/train/metrics.ts";
import { FIGURES, formatState, type Sweep } from "../run/sweep.ts";

/** The settings that vary, the state and the newest figures of all runs, a row each, as CSV. */
export function sweepCsv(sweep: Sweep): string {
  const { plan, runs } = sweep;
  const newest = runs.map(({ results }) => results.at(-1));
  const figures = FIGURES.filter(({ id }) =>
    newest.some((result) => result && id in result.figures),
  );
  return encodeCsv([
    { name: "run", values: runs.map((_, i) => i + 1) },
    ...variedNames(plan).map((name) => ({
      name,
      values: plan.runs.map((changes) => {
        const value = configOfRun(plan, changes)[name];
        return typeof value === "number" ? value : String(value);
      }),
    })),
    { name: "state", values: runs.map((_, i) => formatState(sweep, i)) },
    { name: "step", values: newest.map((result) => result?.step ?? 0) },
    { name: "minutes", values: newest.map((result) => (result?.trainedMs ?? 0) / 60_000) },
    ...figures.map(({ id, metric }) => ({
      name: columnOf(metric),
      values: newest.map((result) => result?.figures[id] ?? Number.NaN),
    })),
  ]);
}
