/** The figures of a benchmark as a table for a person, on the page and as text. */
import { PRESETS } from "../config/presets.ts";
import type { BenchmarkFigures, Figure, OperationName, SideFigures } from "./figures.ts";

export interface BenchmarkRow {
  name: string;
  fused: string;
  stock: string;
  /** How many times better ours is, e.g. `19.9x`; below 1 it is worse. */
  gain: string;
}

const NONE = "–";

const OPERATION_LABELS: Record<OperationName, string> = {
  conv3x3Forward: "convolution 3x3, forward",
  conv3x3: "convolution 3x3",
  normFilmSilu: "RMSNorm, FiLM, SiLU",
  linearAttention: "linear attention",
  fullAttention: "full attention",
  linear: "fully connected",
  optimizerStep: "optimizer",
};

/** What was measured on what, in two lines. */
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
  const cost = (name: string, key: keyof SideFigures, unit = 1) =>
    row(name, scaled(fused[key], unit), scaled(stock[key], unit), "less");
  const rate = (name: string, key: keyof SideFigures) => row(name, fused[key], stock[key], "more");
  return [
    cost("training step, ms", "stepMs"),
    rate("images a second", "imagesPerSecond"),
    rate(`GFLOP/s (512 x 512 matMul: ${formatFigure(matmulGflops)})`, "gflops"),
    cost("first step with compilation, ms", "firstStepMs"),
    cost("JavaScript a step, ms", "jsMs"),
    cost("dispatches a step", "dispatches"),
    cost("uploads a step", "uploads"),
    cost("peak GPU memory an image, MB", "peakBytesPerImage", 1e-6),
    cost(`DDIM step, ${numDigits} digits, ms`, "ddimStepMs"),
    ...Object.entries(operations).map(([name, { shape, fusedMs, stockMs }]) =>
      row(`${OPERATION_LABELS[name as OperationName]}, ${shape}, ms`, fusedMs, stockMs, "less"),
    ),
  ].filter((each) => each.fused !== NONE || each.stock !== NONE);
}

/** What there is to say under the table. */
export function benchmarkNotes({ stockFailure }: BenchmarkFigures): string[] {
  return [
    "Fused: this project. Stock: the same network in plain TensorFlow.js, with its own gradients and tf.train.adam.",
    "Operations run forward and backward unless the row says else; our optimizer also clips the gradient and keeps a moving average.",
    ...(stockFailure ? [`Stock TensorFlow.js cannot do all of it here: ${stockFailure}`] : []),
  ];
}

/** As Markdown, which is also readable as it is. */
export function benchmarkText(figures: BenchmarkFigures): string {
  const cells = [
    ["", "fused", "stock", "gain"],
    ...benchmarkRows(figures).map(({ name, fused, stock, gain }) => [name, fused, stock, gain]),
  ];
  const widths = [0, 1, 2, 3].map((i) =>
    Math.max(3, ...cells.map((line) => (line[i] ?? "").length)),
  );
  const line = (values: string[]) => {
    const padded = values.map((value, i) =>
      i === 0 ? value.padEnd(widths[i] as number) : value.padStart(widths[i] as number),
    );
    return `| ${padded.join(" | ")} |`;
  };
  const [head = [], ...body] = cells;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [
    ...benchmarkTitle(figures),
    "",
    line(head),
    rule,
    ...body.map(line),
    "",
    ...benchmarkNotes(figures),
  ].join("\n");
}

function row(name: string, fused: Figure, stock: Figure, better: "less" | "more"): BenchmarkRow {
  const isComplete = fused !== null && stock !== null;
  const ratio = better === "less" ? (stock ?? 0) / (fused ?? 1) : (fused ?? 0) / (stock ?? 1);
  const gain = isComplete && Number.isFinite(ratio) ? `${formatFigure(ratio)}x` : NONE;
  return { name, fused: formatFigure(fused), stock: formatFigure(stock), gain };
}

function scaled(figure: Figure, unit: number): Figure {
  return figure === null ? null : figure * unit;
}

/** Three digits, and all of those before the point: `0.0123`, `1.23`, `12.3`, `19,639`. */
export function formatFigure(figure: Figure): string {
  if (figure === null) return NONE;
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString("en");
  return Number(figure.toPrecision(3)).toString();
}
