import type { Scale } from "../../store/chartOptions.ts";
import type { Chart, NumberFormat } from "../../train/metrics.ts";
import type { NoteName } from "../explain/noteTitles.ts";
import { formatLoss, formatRate } from "../format.ts";
import { type Unit, unitFor } from "./axes.ts";
import type { ChartKind } from "./ChartCard.tsx";

const MEMORY_UNITS: readonly [Unit, Unit] = [
  { name: "MiB", size: 2 ** 20 },
  { name: "GiB", size: 2 ** 30 },
];

const FORMATS: Record<NumberFormat, Pick<ChartKind, "format" | "units">> = {
  loss: { format: formatLoss },
  // `0.973`
  share: { format: (share) => share.toFixed(3) },
  // `0.006`, `0.000321`, `5e-7`
  shortest: { format: (value) => String(Number(value.toPrecision(3))) },
  ms: { format: formatRate, units: [{ name: "ms", size: 1 }] },
  bytes: { format: formatMemory, units: MEMORY_UNITS },
};

/** How numbers are written, and in which units an axis has them. */
export function formatOf({ format }: Pick<Chart, "format">): (typeof FORMATS)[NumberFormat] {
  return format === undefined ? { format: formatRate } : FORMATS[format];
}

/** @param yScale of the charts that may be logarithmic */
export function kindOf(chart: Chart, yScale: Scale, size: ChartKind["size"]): ChartKind {
  const { title, isLog = false, reaches: yReaches, note, metrics } = chart;
  const text = metrics[0]?.help;
  return {
    title,
    ...formatOf(chart),
    size,
    yReaches,
    note: note ? (note as NoteName) : text ? { title, text } : null,
    yScale: isLog ? yScale : "linear",
    fromZero: !isLog,
    cutsSpikes: metrics.some(({ isTimed }) => isTimed),
    hasEndNames: metrics.length === 0,
  };
}

/** `12.3 MiB`, `1.07 GiB` */
function formatMemory(bytes: number): string {
  const { name, size } = unitFor(bytes, MEMORY_UNITS);
  return `${formatRate(bytes / size)} ${name}`;
}
