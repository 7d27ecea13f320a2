import { SegmentedControl } from "@mantine/core";
import { useDeferredValue, useMemo } from "react";
import { metricsOf } from "../../../../engine/train/metrics.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import cardClasses from "../../../shared/charts/ChartCard.module.css";
import { ChartCard, PlotCard } from "../../../shared/charts/ChartCard.tsx";
import { timestepCsv } from "../../../shared/charts/series/bucketRows.ts";
import { type Chart, chartsOf } from "../../../shared/charts/series/charts.ts";
import { wholeWindow } from "../../../shared/plot/axes.ts";
import { OTHER_AXIS, plotOf } from "../../../shared/plot/plot.ts";
import { writeParams } from "../../../state/address.ts";
import { cursorStep } from "../../../state/slices/cursor.ts";
import classes from "./CompareView.module.css";
import type { ComparedRun } from "./comparedRuns.ts";
import { compareSeries } from "./compareSeries.ts";
import { emptyTimestepsWords, emptyWords } from "./text.ts";
import { timestepJson, timestepLosses, timestepNumbers, timestepSeries } from "./timestepLosses.ts";

/** One figure of all runs. */
export function CompareChart({ runs }: { runs: readonly ComparedRun[] }) {
  const { store } = useApp();
  const figure = useAppState((state) => state.comparison.figure);
  // The loss by timestep is the only list that is compared: runs may differ in classes and layers.
  const charts = useMemo(
    () =>
      chartsOf(metricsOf(...runs)).filter(
        ({ key, metrics }) => key === "timestepLoss" || metrics.length > 0,
      ),
    [runs],
  );
  const chart = charts.find(({ key }) => key === figure) ?? (charts[0] as Chart);
  const choose = (to: string) => {
    store.setState(({ comparison }) => ({ comparison: { ...comparison, figure: to } }));
    writeParams("compare", { figure: to });
  };
  return (
    <div className={`column ${classes.chart}`}>
      <div>
        <SegmentedControl
          aria-label="What is compared"
          data={charts.map(({ key, label }) => ({ value: key, label }))}
          value={chart.key}
          onChange={choose}
        />
      </div>
      {chart.metrics.length === 0 ? (
        <TimestepChart runs={runs} />
      ) : (
        <TrainingChart runs={runs} chart={chart} />
      )}
    </div>
  );
}

/** Over the training, drawn as all charts are. */
function TrainingChart({ runs, chart }: { runs: readonly ComparedRun[]; chart: Chart }) {
  const { x, xScale, smoothing: chosen } = useAppState((state) => state.charts);
  const smoothing = useDeferredValue(chosen);
  const series = useMemo(
    () => compareSeries(runs, { chart, x, smoothing }),
    [runs, chart, x, smoothing],
  );
  const whole = useMemo(() => wholeWindow(series, xScale), [series, xScale]);
  return (
    <ChartCard
      chart={chart}
      size="large"
      name="comparison"
      className={classes.chartCard}
      series={series}
      xKind={x}
      whole={whole}
      empty={emptyWords(runs, chart)}
    />
  );
}

const TITLE = "Validation loss by timestep";

/** The validation loss over the diffusion timestep, a line for each run, after the epoch under the cursor. */
function TimestepChart({ runs }: { runs: readonly ComparedRun[] }) {
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
      {series.length === 0 && <div className={cardClasses.empty}>{emptyTimestepsWords(runs)}</div>}
    </PlotCard>
  );
}
