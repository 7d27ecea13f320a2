import { useDeferredValue, useMemo } from "react";
import { metricsOf } from "../../../engine/train/metrics.ts";
import { epochWord } from "../../../runtime/format.ts";
import { useAppState, useThrottledRun } from "../../shared/AppContext.ts";
import { ChartCard } from "../../shared/charts/ChartCard.tsx";
import { ChartsBar } from "../../shared/charts/ChartsBar.tsx";
import { hasSteps } from "../../shared/charts/series/assignmentRun.ts";
import { type Chart, chartsOf, sharedChart } from "../../shared/charts/series/charts.ts";
import { bucketSeries, classSeries, layerSeries } from "../../shared/charts/series/groupSeries.ts";
import { runAxis } from "../../shared/charts/series/runAxis.ts";
import { assignmentAlone, chartSeries, lossSeries } from "../../shared/charts/series/runSeries.ts";
import { wholeWindow } from "../../shared/plot/axes.ts";
import { ExportRun } from "../../shared/runs/ExportRun.tsx";
import type { XKind } from "../../state/slices/chartOptions.ts";
import { isActive, type Run } from "../../state/slices/run.ts";
import { BucketCard } from "./BucketCard.tsx";
import classes from "./ChartsView.module.css";

/** Up to ten charts at once: seldom enough that training beside them keeps its pace. */
const INTERVAL_MS = 1000;
const [LOSS, TIMESTEP_LOSS] = [sharedChart("loss"), sharedChart("timestepLoss")];
const CLASS_LOSS = sharedChart("classLoss");
const LAYER_CHARTS = [
  { chart: sharedChart("layerGradNorm"), kind: "Grad" },
  { chart: sharedChart("layerWeightNorm"), kind: "Weight" },
] as const;

/** All charts of a run, over one x axis. */
export default function ChartsView() {
  const run = useThrottledRun(INTERVAL_MS);
  return (
    <div className={`column ${classes.view}`}>
      <ChartsBar title="Charts" epochs={run ? epochWord(run.config) : "epoch"}>
        {run && <ExportRun runId={run.runId} />}
      </ChartsBar>
      <Charts run={run} />
    </div>
  );
}

/** Of one run, without the choices of how they are drawn. */
export function Charts({ run }: { run: Run | null }) {
  const chosen = useAppState((state) => state.charts);
  const smoothing = useDeferredValue(chosen.smoothing);
  const isRun = hasSteps(run);
  // The assignment's has no times.
  const x = !isRun && chosen.x === "time" ? "epoch" : chosen.x;
  const { loss, buckets, ofClasses, others, ofLayers } = useMemo(
    () => seriesOf(run, x, smoothing),
    [run, x, smoothing],
  );
  const { from, to } = wholeWindow(loss, chosen.xScale);
  const whole = useMemo(() => ({ from, to }), [from, to]);
  const word = epochWord(run?.config ?? { distilFrom: 0 });
  const shared = { name: run?.name ?? "assignment", xKind: x, epochWord: word, whole };
  const isMeasured = run !== null && hasQuality(run);
  return (
    <div className={classes.grid} data-measured={isMeasured || undefined}>
      <ChartCard
        {...shared}
        chart={LOSS}
        size="large"
        className={classes.loss}
        series={loss}
        empty="Appears after the first step"
      />
      <ChartCard
        {...shared}
        chart={TIMESTEP_LOSS}
        size="large"
        className={classes.buckets}
        series={buckets}
        empty={
          isRun
            ? "Appears after the first validation"
            : "Its loss by how noisy the image is. Appears after the first validation"
        }
      />
      <BucketCard run={run} name={shared.name} />
      {run && run.config.classes > 0 && (isActive(run) || ofClasses.length > 0) && (
        <ChartCard
          {...shared}
          chart={CLASS_LOSS}
          size="large"
          className={classes.classes}
          series={ofClasses}
          empty={`Appears after the first ${word}`}
        />
      )}
      {others
        .filter(({ chart }) => isMeasured || !isOfSamples(chart))
        .map(({ chart, series }) => (
          <ChartCard
            key={chart.key}
            {...shared}
            chart={chart}
            size="small"
            className={isOfSamples(chart) ? classes.quality : classes.figure}
            series={series}
            empty={emptyWords(run, chart)}
          />
        ))}
      {ofLayers
        .filter(({ series }) => series.length > 0)
        .map(({ chart, series }) => (
          <ChartCard
            key={chart.key}
            {...shared}
            chart={chart}
            size="large"
            className={classes.layers}
            series={series}
            empty={null}
          />
        ))}
    </div>
  );
}

/** Whether samples are measured after its epochs, or were. */
function hasQuality({ config, epochs }: Run): boolean {
  return config.evaluateEvery > 0 || epochs.some(({ quality }) => quality !== undefined);
}

function isOfSamples({ metrics }: Chart): boolean {
  return metrics[0]?.of === "samples";
}

/** In place of curves. */
function emptyWords(run: Run | null, chart: Chart): string {
  if (!hasSteps(run)) return "Appears after the first step";
  const { config, epochs } = run;
  if (isOfSamples(chart)) {
    const first = Math.min(config.evaluateEvery, config.epochs);
    return epochs.length < first
      ? `Measured after ${epochWord(config)} ${first}`
      : "Nothing was measured";
  }
  const isToCome = chart.metrics[0]?.of === "epoch" && epochs.length === 0;
  return isToCome ? `Appears after the first ${epochWord(config)}` : "Not recorded for this run";
}

function seriesOf(run: Run | null, x: XKind, smoothing: number) {
  const charts = chartsOf(run ? metricsOf(run) : metricsOf()).filter(
    ({ key, metrics }) => key !== LOSS.key && metrics.length > 0,
  );
  if (!hasSteps(run)) {
    const loss = assignmentAlone(x === "time" ? "epoch" : x);
    return {
      loss,
      buckets: [],
      ofClasses: [],
      others: charts.map((chart) => ({ chart, series: [] })),
      ofLayers: [],
    };
  }
  const drawing = { run, axis: runAxis(run, x), smoothing };
  return {
    loss: lossSeries(drawing),
    buckets: bucketSeries(drawing),
    ofClasses: classSeries(drawing),
    others: charts.map((chart) => ({ chart, series: chartSeries(chart, drawing) })),
    ofLayers: LAYER_CHARTS.map(({ chart, kind }) => ({
      chart,
      series: layerSeries(drawing, kind),
    })),
  };
}
