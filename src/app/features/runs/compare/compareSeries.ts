/** The curves of several runs in one chart: each in its color, with its letter. Pure. */
import type { Chart } from "../../../shared/charts/series/charts.ts";
import { metricPoints, runAxis } from "../../../shared/charts/series/runSeries.ts";
import type { Series } from "../../../shared/plot/series.ts";
import type { XKind } from "../../../state/slices/chartOptions.ts";
import type { ComparedRun } from "./comparedRuns.ts";
import { runStyle } from "./runStyle.ts";

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
