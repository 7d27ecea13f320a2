import { useMemo } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import cardClasses from "../../shared/charts/ChartCard.module.css";
import { PlotCard } from "../../shared/charts/PlotCard.tsx";
import { timestepCsv } from "../../shared/charts/series/bucketRows.ts";
import { OTHER_AXIS, plotOf } from "../../shared/plot/plot.ts";
import type { ComparedRun } from "../../state/slices/comparison.ts";
import { cursorStep } from "../../state/slices/cursor.ts";
import classes from "./CompareView.module.css";
import { timestepJson, timestepLosses, timestepNumbers, timestepSeries } from "./timestepLosses.ts";

const TITLE = "Validation loss by timestep";

/** The validation loss over the diffusion timestep, a line for each run, after the epoch under the cursor. */
export function TimestepChart({ runs }: { runs: readonly ComparedRun[] }) {
  const yScale = useAppState((state) => state.charts.yScale);
  const upToStep = useAppState(cursorStep);
  const losses = useMemo(() => timestepLosses(runs, upToStep), [runs, upToStep]);
  const series = useMemo(() => timestepSeries(losses), [losses]);
  const plot = useMemo(() => {
    // To the end of its last part, not to the middle.
    const to = Math.max(1, ...losses.map(({ parts }) => (parts.at(-1)?.last ?? 0) + 1));
    return plotOf(series, {
      xName: "Diffusion timestep t",
      xScale: "linear",
      window: { from: 0, to },
      yScale,
      ...OTHER_AXIS,
    });
  }, [losses, series, yScale]);
  return (
    <PlotCard
      title={TITLE}
      note="timestepRuns"
      plot={series.length > 0 ? plot : null}
      className={classes.chartCard}
      files={{
        name: "comparison",
        csv: () =>
          timestepCsv(
            losses.map(({ name, epoch, parts }) => ({ name: `${name} epoch_${epoch}`, parts })),
          ),
        json: () => timestepJson(TITLE, losses),
      }}
      numbers={() => timestepNumbers(losses)}
    >
      {series.length === 0 && (
        <div className={cardClasses.empty}>
          {runs.some(({ epochs }) => epochs.length > 0)
            ? "Not recorded for these runs"
            : "Appears after the first epoch of a run"}
        </div>
      )}
    </PlotCard>
  );
}
