/** What a device makes of a preset besides its speed: whether it computes right, what it compiles, how it submits, which tiles suit it. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { type PresetName, presetConfig } from "../../src/engine/config/presets.ts";
import { messageOf } from "../../src/engine/messageOf.ts";
import {
  CONV_TILES,
  GRADIENT_TILES,
  setTuning,
  type Tuning,
  tuningOf,
} from "../../src/engine/ops/webgpu/tuning.ts";
import { blackSession } from "../../src/engine/train/blackSession.ts";
import { checkDevice, WrongNumbersError } from "../../src/engine/train/deviceCheck.ts";
import { microBatchSize } from "../../src/engine/train/memory.ts";
import { median } from "../../src/engine/train/passTime.ts";
import { startNodeWasm } from "../../src/hosts/cli/parts/nodeBackend.ts";
import { startBackend } from "../../src/hosts/worker/backend.ts";
import { compileAhead } from "../../src/runtime/run/device.ts";
import type { BenchmarkProgress, Effort } from "./stock/figures.ts";

export interface DeviceFigures {
  device: string;
  batchSize: number;
  imagesPerPass: number;
  /** All that a step needs, compiled at once as the app does it; the slowest is the one that was there last. */
  programs: { count: number; seconds: number; slowest: string; slowestSeconds: number };
  /** See `checkDevice`; null where the device computes right. */
  selfTest: { failure: string | null; seconds: number };
  submitsPerStep: number;
  /** Of the candidates in turn, the fastest first; empty where they were not asked for. */
  tiles: TileFigures[];
  /** For `CARD_TILES`; null without candidates. */
  nextLine: string | null;
}

type TileKind = "convTiles" | "gradientTiles";

export interface TileFigures {
  kind: TileKind;
  kernelSize: 1 | 3;
  tile: object;
  /** Of a whole step; null where the device refused it. */
  stepMs: number | null;
}

/**
 * @param options.triesTiles whether all candidates are tried, too
 * @throws Error when the device cannot train so many images
 */
export async function measureDevice(
  options: { preset: PresetName; batchSize: number; effort: Effort; triesTiles: boolean },
  tellProgress: (progress: BenchmarkProgress) => void,
  onFault: (message: string) => void,
): Promise<DeviceFigures> {
  const { preset, batchSize, effort, triesTiles } = options;
  const report = await startBackend("webgpu", ({ message }) => onFault(message));
  if (report.backend !== "webgpu") throw new Error(report.reason ?? "WebGPU does not start here.");
  const { device } = tf.backend() as WebGPUBackend;
  const config = { ...presetConfig(preset), batchSize, gradientAccumulation: 1, validateEvery: 0 };
  const imagesPerPass = microBatchSize(config, batchSize, "webgpu");

  tellProgress({ doing: "programs", fraction: 0 });
  const numSteps = 2 + (effort.maxRounds + 1) * (variants(tuningOf(device)).length + 1);
  const session = blackSession({ config, numSteps, microBatchSize: imagesPerPass, stepsAhead: 0 });
  const compiled = watchCompiling(device);
  const rehearse = () => session.session.rehearse();
  await compileAhead(rehearse, () => {});
  const programs = compiled();
  await session.step();
  const numSubmits = watchSubmits(device);
  await session.step();
  const submitsPerStep = numSubmits();

  tellProgress({ doing: "self-test", fraction: 0.2 });
  const startMs = performance.now();
  const failure = await checkDevice(config, {
    numImages: imagesPerPass,
    startReference: startNodeWasm,
  }).then(
    () => null,
    (error) => {
      if (error instanceof WrongNumbersError) return error.message;
      throw error;
    },
  );
  const selfTest = { failure, seconds: (performance.now() - startMs) / 1000 };

  let tiles: TileFigures[] = [];
  if (triesTiles) tiles = await tryTiles(device, { ...session, rehearse, effort, tellProgress });
  session.session.dispose();
  return {
    device: report.device,
    batchSize,
    imagesPerPass,
    programs,
    selfTest,
    submitsPerStep,
    tiles,
    nextLine: triesTiles ? tableLine(tiles, device.adapterInfo, report.device) : null,
  };
}

/** Counts what is compiled from here on, until it is called. */
function watchCompiling(device: GPUDevice): () => DeviceFigures["programs"] {
  const compile = device.createComputePipelineAsync.bind(device);
  const startMs = performance.now();
  const done: { name: string; seconds: number }[] = [];
  device.createComputePipelineAsync = async (descriptor) => {
    const pipeline = await compile(descriptor);
    const seconds = (performance.now() - startMs) / 1000;
    done.push({ name: descriptor.label ?? "", seconds });
    return pipeline;
  };
  return () => {
    device.createComputePipelineAsync = compile;
    const { name: slowest = "", seconds: slowestSeconds = 0 } = done.at(-1) ?? {};
    const seconds = (performance.now() - startMs) / 1000;
    return { count: done.length, seconds, slowest, slowestSeconds };
  };
}

/** Counts submits from here on, until it is called. */
function watchSubmits({ queue }: GPUDevice): () => number {
  const submit = queue.submit.bind(queue);
  let count = 0;
  queue.submit = (commands) => {
    count++;
    submit(commands);
  };
  return () => {
    queue.submit = submit;
    return count;
  };
}

interface Variant extends Omit<TileFigures, "stepMs"> {
  tuning: Tuning;
}

/** Each candidate, with all other tiles as the device has them. */
function variants(usual: Tuning): Variant[] {
  const of = <T extends object>(
    kind: TileKind,
    candidates: Record<1 | 3, readonly T[]>,
    choice: (tile: T) => unknown,
  ) =>
    ([3, 1] as const).flatMap((kernelSize) =>
      candidates[kernelSize].map((tile) => ({
        kind,
        kernelSize,
        tile,
        tuning: { ...usual, [kind]: { ...usual[kind], [kernelSize]: choice(tile) } },
      })),
    );
  return [
    ...of("convTiles", CONV_TILES, (tile) => [tile]),
    ...of("gradientTiles", GRADIENT_TILES, (tile) => tile),
  ];
}

/** Steps of all candidates in turns, so that a card that slows down as it gets warm slows all. */
async function tryTiles(
  device: GPUDevice,
  {
    step,
    rehearse,
    effort,
    tellProgress,
  }: {
    step: () => Promise<unknown>;
    rehearse: () => void;
    effort: Effort;
    tellProgress: (progress: BenchmarkProgress) => void;
  },
): Promise<TileFigures[]> {
  const tried = variants(tuningOf(device)).map((variant) => ({
    ...variant,
    times: [] as number[],
  }));
  const refused = new Set<Variant>();
  const startMs = performance.now();
  for (let round = 0; round <= effort.maxRounds; round++) {
    if (round > effort.minRounds && performance.now() - startMs > effort.budgetMs) break;
    for (const [i, variant] of tried.entries()) {
      if (refused.has(variant)) continue;
      tellProgress({
        doing: "tiles",
        fraction: 0.3 + (0.7 * (round + i / tried.length)) / (1 + effort.maxRounds),
      });
      setTuning(device, variant.tuning);
      try {
        if (round === 0) await compileAhead(rehearse, () => {});
        const beforeMs = performance.now();
        await step();
        // The first has its buffers to make.
        if (round > 0) variant.times.push(performance.now() - beforeMs);
      } catch (error) {
        console.error(messageOf(error));
        refused.add(variant);
      }
    }
  }
  setTuning(device, null);
  return tried
    .map(({ kind, kernelSize, tile, times }) => ({ kind, kernelSize, tile, stepMs: median(times) }))
    .sort(
      (a, b) => (a.stepMs ?? Number.POSITIVE_INFINITY) - (b.stepMs ?? Number.POSITIVE_INFINITY),
    );
}

/** The fastest candidates as a line of `CARD_TILES`. */
export function tableLine(
  tiles: readonly TileFigures[],
  { vendor }: Pick<GPUAdapterInfo, "vendor">,
  device: string,
): string {
  const best = (kind: TileKind, kernelSize: 1 | 3) =>
    tiles.find((each) => each.kind === kind && each.kernelSize === kernelSize)?.tile;
  const entry = {
    vendors: [vendor],
    reason: `Measured on ${device}: the fastest of all candidates.`,
    convTiles: { 3: [best("convTiles", 3)], 1: [best("convTiles", 1)] },
    gradientTiles: { 3: best("gradientTiles", 3), 1: best("gradientTiles", 1) },
  };
  return `${JSON.stringify(entry, null, 2)},`;
}
