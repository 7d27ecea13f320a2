import { useMemo } from "react";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { isSameNetwork } from "../../../../engine/config/network.ts";
import { epochWord } from "../../../../runtime/format.ts";
import { useAppState, useThrottledRun } from "../../../shared/AppContext.ts";
import { ChartCard } from "../../../shared/charts/ChartCard.tsx";
import { sharedChart } from "../../../shared/charts/series/charts.ts";
import { blockSeries } from "../../../shared/charts/series/groupSeries.ts";
import { runAxis } from "../../../shared/charts/series/runSeries.ts";
import { wholeWindow } from "../../../shared/plot/axes.ts";
import classes from "./Inside.module.css";

/** They come with live validations, which are some seconds apart. */
const INTERVAL_MS = 5000;
const OF_BLOCK = { listOf: "block", note: "blockNorms" };
const CHARTS = [
  {
    kind: "Grad",
    chart: { ...sharedChart("layerGradNorm"), title: "Gradient norm", ...OF_BLOCK },
  },
  {
    kind: "Weight",
    chart: { ...sharedChart("layerWeightNorm"), title: "Weight norm", ...OF_BLOCK },
  },
] as const;

/**
 * The gradient and weight norm of one block over the run; nothing where the run has none, or where another network is
 * looked at.
 */
export function BlockNorms({ block, config }: { block: string; config: RunConfig }) {
  const newest = useThrottledRun(INTERVAL_MS);
  // At once, also where another run is opened.
  const shownId = useAppState(({ run, weights }) => (weights.loaded ? null : run?.runId));
  const isShown = newest && newest.runId === shownId && isSameNetwork(newest.config, config);
  const run = isShown ? newest : null;
  const { x, xScale } = useAppState((state) => state.charts);
  const series = useMemo(() => {
    if (!run) return [];
    const drawing = { run, axis: runAxis(run, x), smoothing: 0 };
    return CHARTS.map(({ kind }) => blockSeries(drawing, kind, block));
  }, [run, x, block]);
  if (!run || series.every(({ length }) => length === 0)) return null;
  return CHARTS.map(({ chart }, i) => (
    <ChartCard
      key={chart.key}
      chart={chart}
      size="small"
      className={classes.norms}
      name={`${run.name} ${block}`}
      series={series[i] ?? []}
      xKind={x}
      epochWord={epochWord(run.config)}
      whole={wholeWindow(series[i] ?? [], xScale)}
      empty={null}
    />
  ));
}
