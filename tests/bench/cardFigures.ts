/** The figures of `npm run bench:card`, and its table. */

import { PRESETS, type PresetName } from "../../src/engine/config/presets.ts";
import type { DeviceFigures } from "./device.ts";
import type { EpochFigures } from "./epoch.ts";
import type { BenchmarkFigures } from "./stock/figures.ts";
import { benchmarkText, formatFigure, markdownTable } from "./stock/table.ts";

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

interface PresetParts {
  device: Part<DeviceFigures>;
  benchmark: Part<BenchmarkFigures>;
  epoch: Part<EpochFigures>;
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
  presets: Partial<Record<PresetName, PresetParts>>;
  torch: Part<TorchFigures>;
  /** An epoch of the first preset once more, so many minutes after the beginning; null where there was none before. */
  later: (Part<EpochFigures> & { preset: PresetName; minutes: number }) | null;
  seconds: number;
}

/** Kernels of a preset that the table has; the JSON has all. */
const NUM_KERNELS = 15;

/**
 * Markdown: what was measured on, what the device makes of each preset, the training of each and PyTorch's, the benchmarks,
 * the kernels, the tiles.
 */
export function cardText(figures: CardFigures): string {
  const { date, commit, versions, machine, adapter, driver, presets, torch, later, seconds } =
    figures;
  const measured = Object.entries(presets) as [PresetName, PresetParts][];
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
    deviceLines(measured),
    laterLines(presets, later),
    ...measured.flatMap(([name, { device, benchmark, epoch }]) => [
      ...(benchmark.figures ? [[benchmarkText(benchmark.figures)]] : []),
      ...(epoch.figures ? [kernelLines(name, epoch.figures)] : []),
      ...(device.figures ? [tileLines(name, device.figures)] : []),
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

function deviceLines(measured: readonly [PresetName, PresetParts][]): string[] {
  const rows = measured.flatMap(
    ([
      name,
      {
        device: { figures },
      },
    ]) => {
      if (!figures) return [];
      const { programs, selfTest, submitsPerStep, imagesPerPass } = figures;
      const numbers = [imagesPerPass, programs.count, programs.seconds, programs.slowestSeconds];
      return [
        [
          PRESETS[name].label,
          ...numbers.map(formatFigure),
          programs.slowest.replaceAll("|", "/"),
          formatFigure(submitsPerStep),
          formatFigure(selfTest.seconds),
          selfTest.failure ?? "right",
        ],
      ];
    },
  );
  const heads = "images a pass, programs, compiled in s, slowest after s, which, submits a step";
  return rows.length === 0
    ? []
    : markdownTable([["preset", ...heads.split(", "), "self-test, s", "found"], ...rows]);
}

function laterLines(presets: CardFigures["presets"], later: CardFigures["later"]): string[] {
  const earlier = later && presets[later.preset]?.epoch.figures;
  if (!later?.figures || !earlier) return [];
  const { preset, minutes, figures } = later;
  return [
    `${PRESETS[preset].label}, as the app trains: ${formatFigure(earlier.stepMs)} ms a step at the beginning, ${formatFigure(figures.stepMs)} ms after ${formatFigure(minutes)} minutes.`,
  ];
}

function tileLines(name: PresetName, { tiles, nextLine }: DeviceFigures): string[] {
  if (nextLine === null) return [];
  const rows = tiles.map(({ kind, kernelSize, tile, stepMs }) => [
    kind === "convTiles" ? "convolution" : "gradient of a kernel",
    `${kernelSize} x ${kernelSize}`,
    Object.values(tile).join(", "),
    formatFigure(stepMs),
  ]);
  return [
    `A step of ${PRESETS[name].label} with each candidate of a tile in turn, and the line for \`CARD_TILES\` that follows:`,
    "",
    ...markdownTable([["tile", "size", "which", "ms a step"], ...rows]),
    "",
    "```ts",
    nextLine,
    "```",
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
      formatFigure(each.gflops),
      formatFigure(each.gigabytes),
      formatFigure(each.paperMsPerStep),
    ]);
  return [
    `${PRESETS[name].label}, batch ${batchSize}: ${numDispatches} dispatches take the device ${formatFigure(sum)} ms, one after the other; the longest kernels:`,
    "",
    ...markdownTable([
      [
        ...["kernel", "workgroups", "bound, MB", "dispatches", "ms a step", "%"],
        ...["GFLOP/s", "GB/s", "ms on paper"],
      ],
      ...rows,
    ]),
  ];
}

function failureLines({ presets, torch, later }: CardFigures): string[] {
  const lines = Object.entries(presets).flatMap(([name, { device, benchmark, epoch }]) => [
    ...device.failed.map((each) => `${name}, device, ${failureText(each)}`),
    ...benchmark.failed.map((each) => `${name}, benchmark, ${failureText(each)}`),
    ...epoch.failed.map((each) => `${name}, epoch, ${failureText(each)}`),
    ...(epoch.figures?.kernelsFailure ? [`${name}, kernels: ${epoch.figures.kernelsFailure}`] : []),
  ]);
  const all = [
    ...lines,
    ...torch.failed.map((each) => `PyTorch, ${failureText(each)}`),
    ...(later?.failed ?? []).map((each) => `${later?.preset}, later, ${failureText(each)}`),
  ];
  return all.length > 0 ? ["What failed:", ...all.map((line) => `- ${line}`)] : [];
}

function failureText({ batchSize, sides, failure }: FailedTry): string {
  return `batch ${batchSize}${sides === "both" ? " with stock" : ""}: ${failure}`;
}
