import { type ReactNode, useDeferredValue, useMemo } from "react";
import { isOneLevel } from "../../../../engine/diffusion/objectives.ts";
import { metricsOf } from "../../../../engine/train/metrics.ts";
import { epochWord } from "../../../../runtime/format.ts";
import { useAppState, useThrottledRun } from "../../../shared/AppContext.ts";
import { ChartCard, type ChartCardProps } from "../../../shared/charts/ChartCard.tsx";
import { ChartsBar } from "../../../shared/charts/ChartsBar.tsx";
import { hasSteps } from "../../../shared/charts/series/assignmentRun.ts";
import {
  type Chart,
  chartsOf,
  isOfSamples,
  sharedChart,
} from "../../../shared/charts/series/charts.ts";
import {
  bucketSeries,
  classSeries,
  layerSeries,
} from "../../../shared/charts/series/groupSeries.ts";
import {
  assignmentAlone,
  chartSeries,
  lossSeries,
  runAxis,
} from "../../../shared/charts/series/runSeries.ts";
import { wholeWindow } from "../../../shared/plot/axes.ts";
import type { XKind } from "../../../state/slices/chartOptions.ts";
import type { Run } from "../../../state/slices/run.ts";
import { BucketCard } from "./BucketCard.tsx";
import classes from "./ChartsView.module.css";
import { hasLevels, LevelsCard } from "./LevelsCard.tsx";

/** A dozen charts or more at once: seldom enough that training beside them keeps its pace. */
const INTERVAL_MS = 1000;
const [LOSS, TIMESTEP_LOSS] = [sharedChart("loss"), sharedChart("timestepLoss")];
const CLASS_LOSS = sharedChart("classLoss");
const LAYER_CHARTS = [
  { chart: sharedChart("layerGradNorm"), kind: "Grad" },
  { chart: sharedChart("layerWeightNorm"), kind: "Weight" },
] as const;

/**
 * All charts of a run, over one x axis: the metrics say which there are (`engine/train/metrics.ts`), the address how they
 * are drawn (`chartOptions.ts`). Beside them is a table of the losses by timestep.
 */
export default function ChartsView() {
  const run = useThrottledRun(INTERVAL_MS);
  const hasLevelsCard = useAppState(hasLevels);
  return (
    <div className={`column ${classes.view}`}>
      <ChartsBar title="Charts" epochs={run ? epochWord(run.config) : "epoch"} />
      <Charts run={run} levels={hasLevelsCard && <LevelsCard className={classes.levels} />} />
    </div>
  );
}

/**
 * The charts of one run, without the bar on which one chooses how they are drawn.
 *
 * @param props.levels what the network does at several noise levels, where it was trained at one and can be asked
 */
export function Charts({ run, levels }: { run: Run | null; levels?: ReactNode }) {
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
  const name = run?.name ?? "assignment";
  const isMeasured = run !== null && hasQuality(run);
  const isOfOneLevel = run !== null && isOneLevel(run.config.objective);
  const card = (
    chart: Chart,
    look: Pick<ChartCardProps, "series" | "className" | "empty"> & { size?: "small" },
  ) => (
    <ChartCard
      key={chart.key}
      chart={chart}
      name={name}
      xKind={x}
      epochWord={word}
      whole={whole}
      size="large"
      {...look}
    />
  );
  return (
    <div
      className={classes.grid}
      data-measured={isMeasured || undefined}
      data-one-level={isOfOneLevel || undefined}
    >
      {card(LOSS, { series: loss, className: classes.loss, empty: emptyWords(run, LOSS) })}
      {!isOfOneLevel && (
        <>
          {card(TIMESTEP_LOSS, {
            series: buckets,
            className: classes.buckets,
            empty: noTimestepsWords(run),
          })}
          <BucketCard run={run} name={name} />
        </>
      )}
      {levels}
      {others
        .filter(({ chart }) => isMeasured || !isOfSamples(chart))
        .map(({ chart, series }) => {
          const className = isOfSamples(chart) ? classes.quality : classes.figure;
          return card(chart, { size: "small", series, className, empty: emptyWords(run, chart) });
        })}
      {ofClasses.length > 0 &&
        card(CLASS_LOSS, { series: ofClasses, className: classes.classes, empty: null })}
      {ofLayers
        .filter(({ series }) => series.length > 0)
        .map(({ chart, series }) =>
          card(chart, { series, className: classes.layers, empty: null }),
        )}
    </div>
  );
}

/** Whether samples are measured after its epochs, or were. */
function hasQuality({ config, epochs }: Run): boolean {
  return config.evaluateEvery > 0 || epochs.some(({ quality }) => quality !== undefined);
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

/** `Appears after the first step` */
function appearsAfterWords(what: string): string {
  return `Appears after the first ${what}`;
}

/** What stands in place of the losses by timestep before there are any. */
function noTimestepsWords(run: Run | null): string {
  const words = appearsAfterWords("validation");
  return hasSteps(run) ? words : `Your run's loss by how noisy the image is. ${words}`;
}

/** In place of curves. */
function emptyWords(run: Run | null, chart: Chart): string {
  if (!hasSteps(run)) return appearsAfterWords("step");
  const { config, epochs } = run;
  if (isOfSamples(chart)) {
    const first = Math.min(config.evaluateEvery, config.epochs);
    return epochs.length < first
      ? `Measured after ${epochWord(config)} ${first}`
      : "Nothing was measured";
  }
  const isToCome = chart.metrics[0]?.of === "epoch" && epochs.length === 0;
  return isToCome ? appearsAfterWords(epochWord(config)) : "Not recorded for this run";
}
