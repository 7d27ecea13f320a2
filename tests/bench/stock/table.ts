/** The figures of a benchmark as a table. */
import { PRESETS } from "../../../src/engine/config/presets.ts";
import {
  type BenchmarkFigures,
  type Figure,
  OPERATION_NAMES,
  OPERATIONS,
  type SideFigures,
} from "./figures.ts";

export interface BenchmarkRow {
  name: string;
  /** What it was measured on; may be empty. */
  detail: string;
  fused: string;
  stock: string;
  /** How many times better ours is, e.g. `19.9x`; below 1 if it is worse. */
  gain: string;
}

const NONE = "–";

/** Two lines: what was measured, and where. */
export function benchmarkTitle(figures: BenchmarkFigures): [what: string, where: string] {
  const { preset, batchSize, rounds, backend, device, machine } = figures;
  const numRounds = rounds === 1 ? "one round" : `medians of ${rounds} rounds`;
  const backendName = backend === "webgpu" ? "WebGPU: " : "";
  return [
    `${PRESETS[preset].label}, batch ${batchSize}, ${numRounds}`,
    `${backendName}${device}; ${machine}`,
  ];
}

export function benchmarkRows(figures: BenchmarkFigures): BenchmarkRow[] {
  const { fused, stock, matmulGflops, numDigits, operations } = figures;
  const both = (key: keyof SideFigures, unit = 1) => ({
    fused: scaled(fused[key], unit),
    stock: scaled(stock[key], unit),
  });
  const matmul = `512 x 512 matMul: ${formatFigure(matmulGflops)}`;
  const rows: Comparable[] = [
    { name: "training step, ms", ...both("stepMs") },
    { name: "images per second", isRate: true, ...both("imagesPerSecond") },
    { name: "GFLOP/s", detail: matmul, isRate: true, ...both("gflops") },
    { name: "first step, with compilation, ms", ...both("firstStepMs") },
    { name: "JavaScript a step, ms", ...both("jsMs") },
    { name: "dispatches a step", ...both("dispatches") },
    { name: "uploads a step", ...both("uploads") },
    { name: "peak GPU memory an image, MB", ...both("peakBytesPerImage", 1e-6) },
    { name: "DDIM step, ms", detail: `${numDigits} digits`, ...both("ddimStepMs") },
    ...OPERATION_NAMES.map((operation) => {
      const { shape, fusedMs, stockMs } = operations[operation];
      const name = `${OPERATIONS[operation]}, ms`;
      return { name, detail: shape, fused: fusedMs, stock: stockMs };
    }),
  ];
  return rows.filter((row) => row.fused !== null || row.stock !== null).map(formatRow);
}

/** The notes under the table. */
export function benchmarkNotes({ stockFailure }: BenchmarkFigures): string[] {
  return [
    "Fused: this project. Stock: the same network in plain TensorFlow.js, with its own gradients and tf.train.adam.",
    "Operations run forward and backward unless the row says else; our optimizer also clips the gradient and keeps a moving average.",
    ...(stockFailure ? [`Stock TensorFlow.js cannot do all of it here: ${stockFailure}`] : []),
  ];
}

/** The title, table and notes as Markdown. */
export function benchmarkText(figures: BenchmarkFigures): string {
  const cells = [
    ["", "fused", "stock", "gain"],
    ...benchmarkRows(figures).map(({ name, detail, fused, stock, gain }) => [
      detail ? `${name} (${detail})` : name,
      ...[fused, stock, gain],
    ]),
  ];
  const table = markdownTable(cells);
  return [...benchmarkTitle(figures), "", ...table, "", ...benchmarkNotes(figures)].join("\n");
}

/** Lines of a table whose first row is the head; all columns but the first are numbers. */
export function markdownTable(cells: readonly (readonly string[])[]): string[] {
  const [head = []] = cells;
  const widths = head.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const padded = cells.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))),
  );
  const lines = [padded[0] ?? [], rule, ...padded.slice(1)];
  return lines.map((line) => `| ${line.join(" | ")} |`);
}

interface Comparable {
  name: string;
  detail?: string;
  fused: Figure;
  stock: Figure;
  /** Whether more is better. */
  isRate?: true;
}

function formatRow({ name, detail = "", fused, stock, isRate }: Comparable): BenchmarkRow {
  const [more, less] = isRate ? [fused, stock] : [stock, fused];
  const hasGain = more !== null && less !== null && less > 0;
  return {
    name,
    detail,
    fused: formatFigure(fused),
    stock: formatFigure(stock),
    gain: hasGain ? `${formatFigure(more / less)}x` : NONE,
  };
}

function scaled(figure: Figure, unit: number): Figure {
  return figure === null ? null : figure * unit;
}

/** Three significant digits, or all digits of integers and of large numbers: `0.0123`, `1.20`, `12.3`, `19,639`. */
export function formatFigure(figure: Figure): string {
  if (figure === null) return NONE;
  if (Number.isInteger(figure) || Math.abs(figure) >= 99.95) {
    return Math.round(figure).toLocaleString("en");
  }
  return figure.toPrecision(3);
}
