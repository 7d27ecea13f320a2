import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { configOfRun, rounds, variedNames } from "../../../../engine/config/sweep.ts";
import { formatSetting } from "../../../../runtime/format.ts";
import { type Sweep, seedCount, seedGroups } from "../../../../runtime/run/sweep.ts";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import classes from "./Sweep.module.css";
import { formatFigure, shownFigures } from "./sweepFigures.ts";
import { seedTableWords } from "./text.ts";

/** Mean and standard deviation over seeds, a row for each combination of the other settings. */
export function SeedTable({ sweep }: { sweep: Sweep }) {
  const { plan } = sweep;
  const names = variedNames(plan).filter((name) => name !== "seed");
  const figures = shownFigures(sweep);
  const rows = seedGroups(sweep).map((group) => {
    const { indices, figures: spreads } = group;
    const config = configOfRun(plan, plan.runs[indices[0] ?? 0] ?? {});
    return [
      ...names.map((name) => formatSetting(config[name])),
      seedCount(group),
      ...figures.map((figure) => {
        const spread = spreads[figure.id];
        const mean = formatFigure(figure, spread?.mean);
        return spread && spread.count > 1
          ? `${mean} ± ${formatFigure(figure, spread.deviation)}`
          : mean;
      }),
    ];
  });
  return (
    <section style={{ overflowX: "auto" }} aria-labelledby="seeds">
      <h3 id="seeds">{seedTableWords(rounds(plan).length > 1)}</h3>
      <DataTable
        className={classes.table}
        columns={[
          ...names.map((name) => HYPERPARAMETERS[name].label),
          "Seeds",
          ...figures.map(({ label }) => label),
        ]}
        rows={rows}
      />
    </section>
  );
}
