/** The charts that metrics are drawn in, and how each looks: how its numbers are written, its curves and their colors. */
import {
  CHARTS,
  metricsOf,
  type NamedMetric,
  type NumberFormat,
  type SharedChart,
} from "../../../../engine/train/metrics.ts";
import { formatLoss, formatRate } from "../../../../runtime/format.ts";
import { type Unit, unitFor } from "../../plot/axes.ts";
import type { Series } from "../../plot/series.ts";

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

const MEMORY_UNITS: readonly [Unit, Unit] = [
  { name: "MiB", size: 2 ** 20 },
  { name: "GiB", size: 2 ** 30 },
];

interface ChartFormat {
  format: (value: number) => string;
  /** Ascending; left out where the values are plain numbers. */
  units?: readonly Unit[];
}

const FORMATS: Record<NumberFormat, ChartFormat> = {
  loss: { format: formatLoss },
  // `0.973`
  share: { format: (share) => share.toFixed(3) },
  // `0.006`, `0.000321`, `5e-7`
  shortest: { format: (value) => String(Number(value.toPrecision(3))) },
  ms: { format: formatRate, units: [{ name: "ms", size: 1 }] },
  bytes: { format: formatMemory, units: MEMORY_UNITS },
};

/** How numbers are written, and in which units an axis has them. */
export function formatOf({ format }: Pick<Chart, "format">): ChartFormat {
  return format === undefined ? { format: formatRate } : FORMATS[format];
}

/** `12.3 MiB`, `1.07 GiB` */
function formatMemory(bytes: number): string {
  const { name, size } = unitFor(bytes, MEMORY_UNITS);
  return `${formatRate(bytes / size)} ${name}`;
}

/** A chart of one run draws a metric as a curve, and as another one where it is smoothed. */
export interface MetricCurve extends Pick<Series, "key" | "name" | "color" | "style"> {
  metric: NamedMetric;
  /** Whether it is the moving average. */
  isAverage: boolean;
}

const COLORS = ["var(--series-train)", "var(--series-validation)", "var(--run-3)"];

/** A curve for each metric, and its moving average where it jumps about. */
export function curvesOf({ metrics }: Pick<Chart, "metrics">): MetricCurve[] {
  return metrics.flatMap((metric, i): MetricCurve[] => {
    const { of, key, label: name, smoothedKey, isMean } = metric;
    const numHues = metrics.slice(0, i).filter(({ isMean, isLive }) => !isMean && !isLive).length;
    const color = COLORS[isMean ? 0 : numHues % COLORS.length] as string;
    const shared = { metric, color, isAverage: false };
    if (smoothedKey === undefined) {
      return [{ ...shared, key, name, style: of === "step" ? "line" : "dots" }];
    }
    const [each, average] = i === 0 ? ["each step", "smoothed"] : [name, `${name}, smoothed`];
    return [
      { ...shared, key, name: each, style: "faint" },
      { ...shared, key: smoothedKey, name: average, style: "line", isAverage: true },
    ];
  });
}
