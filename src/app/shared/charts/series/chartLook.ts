import type { NamedMetric, NumberFormat } from "../../../../engine/train/metrics.ts";
import { formatLoss, formatRate } from "../../../../runtime/format.ts";
import type { Series } from "../../plot/series.ts";
import type { Chart } from "./charts.ts";

/** What values are given in: one of it is `size` of the series' own. */
export interface Unit {
  name: string;
  size: number;
}

/** The largest whose size is not above a value; the first for small ones. */
export function unitFor(value: number, units: readonly Unit[]): Unit {
  return units.findLast(({ size }) => size <= value) ?? units[0] ?? { name: "", size: 1 };
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

/** What a chart of one run draws of a metric. */
export interface Curve extends Pick<Series, "key" | "name" | "color" | "style"> {
  metric: NamedMetric;
  /** Whether it is the moving average. */
  isAverage: boolean;
}

const COLORS = ["var(--series-train)", "var(--series-validation)", "var(--run-3)"];

/** A curve for each metric, and its moving average where it jumps about. */
export function curvesOf({ metrics }: Pick<Chart, "metrics">): Curve[] {
  return metrics.flatMap((metric, i): Curve[] => {
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
