import type { Chart, NamedMetric } from "../../../../engine/train/metrics.ts";
import type { Series } from "../../plot/series.ts";

/** What a chart of one run draws of a metric. */
export interface Curve extends Pick<Series, "key" | "name" | "color" | "style"> {
  metric: NamedMetric;
  /** Whether it is the moving average. */
  isAverage: boolean;
}

const COLORS = ["var(--series-train)", "var(--series-validation)", "var(--run-3)"];

/** Of each metric a curve, and where it jumps about its moving average. */
export function curvesOf({ metrics }: Pick<Chart, "metrics">): Curve[] {
  const withHue = metrics.filter(({ isMean }) => !isMean);
  return metrics.flatMap((metric, i): Curve[] => {
    const { of, key, label: name, smoothedKey } = metric;
    const color = COLORS[Math.max(0, withHue.indexOf(metric)) % COLORS.length] as string;
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
