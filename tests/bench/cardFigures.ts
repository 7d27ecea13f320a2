/** The figures of `npm run bench:card`, and its table. */
import type { BenchmarkFigures } from "../../src/engine/bench/figures.ts";
import { benchmarkText, formatFigure, markdownTable } from "../../src/engine/bench/table.ts";
import { PRESETS, type PresetName } from "../../src/engine/config/presets.ts";
import type { EpochFigures } from "./epoch.ts";

/** What was tried and failed, and why. */
interface FailedTry {
  batchSize: number;
  sides: "both" | "fused";
  failure: string;
}

/** `figures` are null when all tries failed. */
export interface Part<T> {
  figures: T | null;
  failed: FailedTry[];
}

/** What `tests/bench/torchStep.py` prints. */
export interface TorchFigures {
  torch: string;
  cuda: string | null;
  device: string;
  batchSize: number;
  numSteps: number;
  parameters: number;
  float32: TorchTimes;
  /** With PyTorch's own choice of precision (TF32 in convolutions). */
  default: TorchTimes;
  peakBytes?: number;
}

interface TorchTimes {
  stepMs: number;
  stepSpreadMs: number;
}

export interface CardFigures {
  date: string;
  /** With a note where the sources differ from it. */
  commit: string;
  versions: Record<string, string>;
  machine: string;
  /** What WebGPU tells of it; its description has the driver's version, where it has one. */
  adapter: { description: string } & Record<string, unknown>;
  /** By nvidia-smi, where there is one. */
  driver: string | null;
  presets: Partial<
    Record<PresetName, { benchmark: Part<BenchmarkFigures>; epoch: Part<EpochFigures> }>
  >;
  torch: Part<TorchFigures>;
  seconds: number;
}

/** Kernels of a preset that the table has; the JSON has all. */
const NUM_KERNELS = 15;

/** Markdown: what was measured on, the training of each preset and PyTorch's, the benchmarks, the kernels. */
export function cardText(figures: CardFigures): string {
  const { date, commit, versions, machine, adapter, driver, presets, torch, seconds } = figures;
  const measured = Object.entries(presets) as [PresetName, (typeof presets)["tiny"] & object][];
  const training = measured.flatMap(([name, { benchmark, epoch }]) => [
    ...(epoch.figures ? [epochRow(name, epoch.figures)] : []),
    ...(benchmark.figures ? benchmarkSteps(name, benchmark.figures) : []),
  ]);
  const sections = [
    [
      adapter.description,
      ...(driver ? [driver] : []),
      `${machine}; ${Object.entries(versions)
        .map((entry) => entry.join(" "))
        .join(", ")}`,
      `commit ${commit}, ${date}, ${formatFigure(Math.round(seconds))} s in all`,
    ],
    markdownTable([
      ["training step", "batch", "ms", "spread", "images per second", "epoch, s"],
      ...training,
      ...torchRows(torch.figures),
    ]),
    ...measured.flatMap(([name, { benchmark, epoch }]) => [
      ...(benchmark.figures ? [[benchmarkText(benchmark.figures)]] : []),
      ...(epoch.figures ? [kernelLines(name, epoch.figures)] : []),
    ]),
    failureLines(figures),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function stepRow(name: string, batchSize: number, times: TorchTimes, epochMs: number | null) {
  const imagesPerSecond = (1000 * batchSize) / times.stepMs;
  const numbers = [batchSize, times.stepMs, times.stepSpreadMs, imagesPerSecond];
  return [
    name,
    ...numbers.map(formatFigure),
    formatFigure(epochMs === null ? null : epochMs / 1000),
  ];
}

function epochRow(name: PresetName, figures: EpochFigures): string[] {
  const { batchSize, epochMs } = figures;
  return stepRow(`${PRESETS[name].label}, as the app trains`, batchSize, figures, epochMs);
}

function benchmarkSteps(name: PresetName, { batchSize, fused, stock }: BenchmarkFigures) {
  const sides = [
    ["each step waited for", fused],
    ["stock TensorFlow.js", stock],
  ] as const;
  return sides.flatMap(([side, { stepMs, stepSpreadMs }]) => {
    if (stepMs === null || stepSpreadMs === null) return [];
    return [stepRow(`${PRESETS[name].label}, ${side}`, batchSize, { stepMs, stepSpreadMs }, null)];
  });
}

function torchRows(torch: TorchFigures | null): string[][] {
  if (!torch) return [];
  const { batchSize, float32, default: own } = torch;
  const name = `Assignment, PyTorch ${torch.torch}`;
  return [
    stepRow(`${name}, float32`, batchSize, float32, null),
    stepRow(`${name}, its default precision`, batchSize, own, null),
  ];
}

function kernelLines(name: PresetName, { batchSize, kernels }: EpochFigures): string[] {
  if (!kernels) return [];
  const [sum, numDispatches] = [
    kernels.reduce((ms, { msPerStep }) => ms + msPerStep, 0),
    kernels.reduce((count, { dispatches }) => count + dispatches, 0),
  ];
  const rows = kernels
    .slice(0, NUM_KERNELS)
    .map((each) => [
      each.kernel.replaceAll("|", "/"),
      each.workgroups,
      formatFigure(each.boundBytes / 1e6),
      formatFigure(each.dispatches),
      formatFigure(each.msPerStep),
      formatFigure((100 * each.msPerStep) / sum),
    ]);
  return [
    `${PRESETS[name].label}, batch ${batchSize}: ${numDispatches} dispatches take the device ${formatFigure(sum)} ms, one after the other; the longest kernels:`,
    "",
    ...markdownTable([
      ["kernel", "workgroups", "bound, MB", "dispatches", "ms a step", "%"],
      ...rows,
    ]),
  ];
}

function failureLines({ presets, torch }: CardFigures): string[] {
  const lines = Object.entries(presets).flatMap(([name, { benchmark, epoch }]) => [
    ...benchmark.failed.map((each) => `${name}, benchmark, ${failureText(each)}`),
    ...epoch.failed.map((each) => `${name}, epoch, ${failureText(each)}`),
    ...(epoch.figures?.kernelsFailure ? [`${name}, kernels: ${epoch.figures.kernelsFailure}`] : []),
  ]);
  const all = [...lines, ...torch.failed.map((each) => `PyTorch, ${failureText(each)}`)];
  return all.length > 0 ? ["What failed:", ...all.map((line) => `- ${line}`)] : [];
}

function failureText({ batchSize, sides, failure }: FailedTry): string {
  return `batch ${batchSize}${sides === "both" ? " with stock" : ""}: ${failure}`;
}
