/** The charts that metrics are drawn in. */
import {
  CHARTS,
  metricsOf,
  type NamedMetric,
  type SharedChart,
} from "../../../../engine/train/metrics.ts";

export interface Chart extends SharedChart {
  key: string;
  title: string;
  /** The main one first; empty for a chart of a list. */
  metrics: readonly NamedMetric[];
}

/** A chart of `CHARTS`. */
export function sharedChart(key: keyof typeof CHARTS): Chart {
  const chart: SharedChart = CHARTS[key];
  const metrics = metricsOf().filter((metric) => metric.chart === key);
  return { title: chart.label, ...chart, key, metrics };
}

/** Whether its metrics are measured of samples. */
export function isOfSamples({ metrics }: Chart): boolean {
  return metrics[0]?.of === "samples";
}

/** At most so many unknown metrics get a chart, since a file may have any number of them. */
const MAX_UNKNOWN = 20;

/** The charts of the table in its order, then those of unknown metrics. */
export function chartsOf(metrics: readonly NamedMetric[]): Chart[] {
  const alone = metrics.filter(({ chart }) => chart === undefined);
  const numKnown = alone.filter(({ help }) => help !== null).length;
  return [
    ...(Object.keys(CHARTS) as (keyof typeof CHARTS)[]).map(sharedChart),
    ...alone.slice(0, numKnown + MAX_UNKNOWN).map((metric): Chart => {
      const label = `${metric.label[0]?.toUpperCase()}${metric.label.slice(1)}`;
      return { title: label, ...metric, label, metrics: [metric] };
    }),
  ];
}
