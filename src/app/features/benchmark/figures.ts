/** The figures of a benchmark, and how they are written. Pure. */
import { PRESETS, type PresetName, presetConfig } from "../../../engine/config/presets.ts";
import { formatCount, formatDuration, formatRate } from "../../../runtime/format.ts";
import type { BackendReport } from "../../../runtime/run/events.ts";
import { epochTime } from "../../state/slices/epochTimer.ts";

export interface BenchmarkFigures {
  /** What the page knows about the machine: browser and processor. */
  machine: string;
  backend: BackendReport["backend"];
  device: string;
  /** Why the graphics device is not on its first rung, with what a bug report needs; null where it is. */
  fallback: string | null;
  preset: PresetName;
  batchSize: number;
  /** A training step of the preset's batch. */
  stepMs: number;
  imagesPerSecond: number;
  /** All images of `MNIST`, with the validation. */
  epochMs: number;
}

/** Its sizes, so that the figures of any two devices are of the same, whatever images are loaded. */
const MNIST = { numTrain: 60_000, numValidation: 10_000 };

/** @param stepMs a training step of the preset's batch */
export function benchmarkFigures(
  preset: PresetName,
  stepMs: number,
  { backend, device, fallback }: BackendReport,
  machine: string,
): BenchmarkFigures {
  const config = presetConfig(preset);
  const { batchSize } = config;
  return {
    machine,
    backend,
    device,
    fallback: fallback?.details ?? null,
    preset,
    batchSize,
    stepMs,
    imagesPerSecond: (1000 * batchSize) / stepMs,
    epochMs: epochTime(config, stepMs, MNIST).epochMs,
  };
}

/** Two lines: what was measured, and where. */
export function benchmarkTitle(figures: BenchmarkFigures): [what: string, where: string] {
  const { preset, batchSize, backend, device, machine } = figures;
  const backendName = backend === "webgpu" ? "WebGPU: " : "";
  return [`${PRESETS[preset].label}, batch of ${batchSize}`, `${backendName}${device}; ${machine}`];
}

export function benchmarkRows(figures: BenchmarkFigures): [name: string, value: string][] {
  const { stepMs, imagesPerSecond, epochMs } = figures;
  return [
    ["Training step", `${formatRate(stepMs)} ms`],
    ["Images per second", formatRate(imagesPerSecond)],
    [`Epoch of MNIST, ${formatCount(MNIST.numTrain)} images`, formatDuration(epochMs)],
  ];
}

/** Title and figures, a line each. */
export function benchmarkText(figures: BenchmarkFigures): string {
  const rows = benchmarkRows(figures).map(([name, value]) => `${name}: ${value}`);
  const notes = figures.fallback === null ? [] : ["", figures.fallback];
  return [...benchmarkTitle(figures), "", ...rows, ...notes].join("\n");
}
