import { SegmentedControl, Text } from "@mantine/core";
import { useDeferredValue, useMemo } from "react";
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { differingLossSettings } from "../../../../engine/config/sweep.ts";
import { metricsOf } from "../../../../engine/train/metrics.ts";
import { epochWord, formatCount, formatLoss } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import cardClasses from "../../../shared/charts/ChartCard.module.css";
import { ChartCard, PlotCard } from "../../../shared/charts/ChartCard.tsx";
import type { ChartNumbers } from "../../../shared/charts/ChartFrame.tsx";
import {
  epochsUpTo,
  formatRange,
  timestepCsv,
  timestepParts,
  timestepRows,
} from "../../../shared/charts/series/bucketRows.ts";
import { type Chart, chartsOf, isOfSamples } from "../../../shared/charts/series/charts.ts";
import { metricPoints, runAxis } from "../../../shared/charts/series/runSeries.ts";
import { wholeWindow } from "../../../shared/plot/axes.ts";
import { OTHER_AXIS, plotOf } from "../../../shared/plot/plot.ts";
import type { Series } from "../../../shared/plot/series.ts";
import { writeParams } from "../../../state/address.ts";
import type { XKind } from "../../../state/slices/chartOptions.ts";
import { cursorStep } from "../../../state/slices/cursor.ts";
import classes from "./CompareView.module.css";
import { type ComparedRun, nounOfRuns } from "./comparedRuns.ts";
import { runStyle } from "./RunSwatch.tsx";

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
  const incomparable = LOSS_CHARTS.includes(chart.key) ? incomparableWords(runs) : null;
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
      {incomparable && <Text size="sm">{incomparable}</Text>}
      {chart.metrics.length === 0 ? (
        <TimestepChart runs={runs} />
      ) : (
        <TrainingChart runs={runs} chart={chart} />
      )}
    </div>
  );
}

const LOSS_CHARTS: readonly string[] = ["loss", "timestepLoss"];

/** Why a lower loss need not be a better one among these runs; null where it is. */
export function incomparableWords(
  runs: readonly Pick<ComparedRun, "config" | "dataset">[],
): string | null {
  const labels = differingLossSettings(runs.map(({ config }) => config)).map(
    (name) => HYPERPARAMETERS[name].label,
  );
  const images = new Set(runs.map(({ dataset }) => dataset.id)).size > 1 ? ["Images"] : [];
  const differing = [...labels, ...images];
  return differing.length > 0
    ? `Losses with different ${differing.join(", ")} can't be compared: look at the ${nounOfRuns(runs)}s instead.`
    : null;
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

/** More of each run would not be distinguishable. */
const MOST_METRICS = 2;

/**
 * Each run has the chart's main metric, smoothed, as a line, and another metric as dots. Before its first epoch
 * ends, a metric of fewer images stands in. Runs whose samples were never measured have no metrics of samples.
 */
export function compareSeries(
  runs: readonly ComparedRun[],
  { chart, x, smoothing }: { chart: Pick<Chart, "metrics">; x: XKind; smoothing: number },
): Series[] {
  return runs.flatMap((run) => {
    const { steps, epochs, stepsPerEpoch, place } = run;
    const size = stepsPerEpoch === null ? null : { stepsPerEpoch };
    const axis = runAxis({ steps, epochs, size }, x);
    const { color, isDashed, letter } = runStyle(place);
    const name = `${letter} ${run.name}`;
    const standIn = epochs.length === 0 ? chart.metrics.find(({ isLive }) => isLive) : undefined;
    const compared = chart.metrics
      .filter((metric) => !metric.isMean && (!metric.isLive || metric === standIn))
      .slice(0, MOST_METRICS);
    return compared.flatMap((metric, i): Series[] => {
      const { of, key, label, smoothedKey } = metric;
      const isSmoothed = smoothedKey !== undefined && smoothing > 0;
      const points = metricPoints(metric, run, axis, smoothedKey === undefined ? null : smoothing);
      if (of === "samples" && points.steps.length === 0) return [];
      const words = [
        name,
        ...(chart.metrics.length > 1 ? [label] : []),
        ...(isSmoothed ? ["smoothed"] : []),
      ];
      const style = i > 0 ? "dots" : isDashed ? "dashed" : "line";
      return [{ key: `${name} ${key}`, name: words.join(", "), color, style, ...points }];
    });
  });
}

/** All training steps at which any of the runs has a picture, ascending. */
export function snapshotSteps(runs: readonly Pick<ComparedRun, "snapshots">[]): number[] {
  const steps = runs.flatMap(({ snapshots }) => snapshots.map(({ step }) => step));
  return [...new Set(steps)].sort((a, b) => a - b);
}

/** The losses of one epoch of a run, by timestep. */
export interface TimestepLosses {
  place: number;
  /** The run's name after its letter. */
  name: string;
  epoch: number;
  /** `epoch 3` */
  words: string;
  step: number;
  parts: ReturnType<typeof timestepParts>;
}

/**
 * The losses of each run's newest epoch up to a step, null for the last, or of its first epoch where the step is
 * before that one's end. Runs that have recorded none are left out.
 */
export function timestepLosses(
  runs: readonly ComparedRun[],
  upToStep: number | null,
): TimestepLosses[] {
  return runs.flatMap(({ place, name, config, epochs }) => {
    const newest = epochsUpTo(epochs, upToStep).at(-1);
    if (!newest?.bucketLosses.some(Number.isFinite)) return [];
    const { epoch, step, bucketLosses } = newest;
    const parts = timestepParts(bucketLosses, config.timesteps);
    const words = `${epochWord(config)} ${formatCount(epoch)}`;
    return [{ place, name: `${runStyle(place).letter} ${name}`, epoch, words, step, parts }];
  });
}

/** Each with its points in the middle of the parts of [0, T); their "steps" are timesteps. */
export function timestepSeries(losses: readonly TimestepLosses[]): Series[] {
  return losses.map(({ place, name, words, parts }) => {
    const { color, isDashed } = runStyle(place);
    const middles = parts.map(({ first, last }) => (first + last) / 2);
    return {
      key: name,
      name: `${name}, ${words}`,
      color,
      style: isDashed ? "dashed" : "line",
      steps: middles,
      xs: middles,
      values: parts.map(({ loss }) => loss),
    };
  });
}

/** The rows to read. */
export function timestepNumbers(all: readonly TimestepLosses[]): ChartNumbers {
  return {
    columns: ["t", ...all.map(({ name, words }) => `${name}, ${words}`)],
    rows: timestepRows(all.map(({ parts }) => parts)).map(({ losses, ...range }) => [
      formatRange(range),
      ...losses.map((loss) => (Number.isFinite(loss) ? formatLoss(loss) : "")),
    ]),
  };
}

/** By run; null where no image fell. */
export function timestepJson(title: string, losses: readonly TimestepLosses[]): string {
  const runs = losses.map(({ name, epoch, step, parts }) => ({ name, epoch, step, parts }));
  return JSON.stringify({ title, runs });
}

const NOT_RECORDED = "Not recorded for these runs";

/** In place of curves: why there are none. */
function emptyWords(runs: readonly ComparedRun[], chart: Chart): string {
  if (!runs.some(({ steps }) => steps.length > 0)) return "None of these runs has made a step yet";
  return isOfSamples(chart)
    ? "None of these runs was measured. Turn on “Measure every” to measure samples after epochs."
    : NOT_RECORDED;
}

function emptyTimestepsWords(runs: readonly ComparedRun[]): string {
  const hasEpochs = runs.some(({ epochs }) => epochs.length > 0);
  return hasEpochs ? NOT_RECORDED : "Appears after the first epoch of a run";
}
