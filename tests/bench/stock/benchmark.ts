/** Measures a device: our operations against stock TensorFlow.js, in one run, in turns. */
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../../src/engine/config/hyperparameters.ts";
import { type PresetName, presetConfig } from "../../../src/engine/config/presets.ts";
import { totalMultiplyAdds } from "../../../src/engine/nn/multiplyAdds.ts";
import { median } from "../../../src/engine/train/passTime.ts";
import { startBackend } from "../../../src/hosts/worker/backend.ts";
import { Comparison } from "./comparison.ts";
import { type Counts, DeviceWatch } from "./deviceWatch.ts";
import {
  type BenchmarkFigures,
  type BenchmarkProgress,
  type Effort,
  type Figure,
  OPERATION_NAMES,
  type OperationFigures,
  type OperationName,
  type SideFigures,
  type SideName,
  spread,
} from "./figures.ts";
import { measuredOperation } from "./operations.ts";
import {
  ddimDenoiser,
  fusedTrainer,
  read,
  type StepTimes,
  stockTrainer,
  type Trainer,
} from "./training.ts";

export interface BenchmarkRequest {
  backend: BenchmarkFigures["backend"];
  preset: PresetName;
  batchSize: number;
  effort: Effort;
  /** Both when left out. */
  sides?: readonly SideName[];
  /** What the caller knows about the machine. */
  machine: string;
}

type Measured = Omit<BenchmarkFigures, "machine" | "backend" | "device">;

type Part<T> = AsyncGenerator<BenchmarkProgress, T>;

/** Images of a DDIM step. */
const NUM_DIGITS = 32;
const MATRIX_SIZE = 512;
/** For each multiply-add of the network: two in the forward pass, two for the gradient of each factor. */
const TRAINING_FLOPS = 6;
/** A shorter measurement would mostly time waiting for the device. */
const MIN_MEASUREMENT_MS = 30;
const MAX_CALLS = 256;

/** Shares of the time budget. */
const SHARES = { steps: 0.5, ddim: 0.15, operations: 0.3, matmul: 0.05 };

/**
 * Starts the backend and runs all measurements on it.
 *
 * @param onFault called when the device fails, after which what is measured may never end
 * @throws Error when another backend was started, with the reason
 */
export async function runBenchmark(
  request: BenchmarkRequest,
  tellProgress: (progress: BenchmarkProgress) => void,
  onFault: (message: string) => void,
): Promise<BenchmarkFigures> {
  const { machine } = request;
  const report = await startBackend(request.backend, ({ message }) => onFault(message));
  const { backend, device, reason } = report;
  if (backend !== request.backend) {
    throw new Error(`The backend ${request.backend} does not start here. ${reason ?? ""}`.trim());
  }
  const measurements = measured(request);
  for (;;) {
    const { done, value } = await measurements.next();
    if (done) return { machine, backend, device, ...value };
    tellProgress(value);
  }
}

/** The backend must be set, with nothing else computing on it. */
async function* measured({ preset, batchSize, effort, sides }: BenchmarkRequest): Part<Measured> {
  const config: RunConfig = { ...presetConfig(preset), batchSize };
  const device = new DeviceWatch();
  const comparison = new Comparison(device, effort, sides);
  const steps = yield* trainingSteps(comparison, device, config, effort.maxRounds + 1);
  const ddimMs = yield* ddimSteps(comparison, config);
  const ddimFigures = (side: SideName) => ({
    ddimStepMs: median(ddimMs[side]),
    ddimStepSpreadMs: spread(ddimMs[side]),
  });
  const operations = yield* eachOperation(comparison, config);
  const matmulGflops = yield* matrixProduct(comparison);
  return {
    preset,
    batchSize,
    rounds: steps.rounds,
    matmulGflops,
    numDigits: NUM_DIGITS,
    fused: { ...steps.fused, ...ddimFigures("fused") },
    stock: { ...steps.stock, ...ddimFigures("stock") },
    stockFailure: comparison.stockFailure,
    operations,
  };
}

type StepMeasurement = StepTimes & { counts: Counts | null };
type StepFigures = Omit<SideFigures, "ddimStepMs" | "ddimStepSpreadMs">;

async function* trainingSteps(
  comparison: Comparison,
  device: DeviceWatch,
  config: RunConfig,
  maxSteps: number,
): Part<Record<SideName, StepFigures> & { rounds: number }> {
  const firstStepMs: Record<SideName, number | null> = { fused: null, stock: null };
  /** Memory of each side's parameters and optimizer, also in use during the steps of the other side. */
  const residentBytes: Record<SideName, number> = { fused: 0, stock: 0 };
  const trainers: Trainer[] = [];
  const step = async (trainer: Trainer): Promise<StepMeasurement> => {
    device.takeCounts();
    return { ...(await trainer.step()), counts: device.takeCounts() };
  };
  const prepare = async (side: SideName) => {
    const bytesBefore = device.residentBytes;
    const trainer = side === "fused" ? fusedTrainer(config, maxSteps) : stockTrainer(config);
    trainers.push(trainer);
    try {
      firstStepMs[side] = (await step(trainer)).stepMs;
    } finally {
      residentBytes[side] = device.residentBytes - bytesBefore;
    }
    return () => step(trainer);
  };
  try {
    const what = "training step";
    const { fused, stock } = yield* comparison.compare({ what, share: SHARES.steps, prepare });
    return {
      rounds: fused.length,
      fused: stepFigures(fused, firstStepMs.fused, config, residentBytes.stock),
      stock: stepFigures(stock, firstStepMs.stock, config, residentBytes.fused),
    };
  } finally {
    for (const trainer of trainers) trainer.dispose();
  }
}

/** @param bytesOfOther memory that the other side holds meanwhile */
function stepFigures(
  steps: readonly StepMeasurement[],
  firstStepMs: number | null,
  config: RunConfig,
  bytesOfOther: number,
): StepFigures {
  const { batchSize } = config;
  const stepMs = median(steps.map((step) => step.stepMs));
  const counts = steps.flatMap((step) => step.counts ?? []);
  const hasDevice = counts.length > 0;
  const peakBytes = median(counts.map((count) => count.peakBytes));
  const flops = TRAINING_FLOPS * totalMultiplyAdds(config) * batchSize;
  return {
    firstStepMs,
    stepMs,
    stepSpreadMs: spread(steps.map((step) => step.stepMs)),
    jsMs: hasDevice ? median(steps.map((step) => step.jsMs)) : null,
    dispatches: median(counts.map((count) => count.dispatches)),
    uploads: median(counts.map((count) => count.uploads)),
    peakBytesPerImage: peakBytes === null ? null : (peakBytes - bytesOfOther) / batchSize,
    imagesPerSecond: stepMs === null ? null : (1000 * batchSize) / stepMs,
    gflops: stepMs === null ? null : flops / stepMs / 1e6,
  };
}

async function* ddimSteps(comparison: Comparison, config: RunConfig) {
  const denoiser = ddimDenoiser(config, NUM_DIGITS);
  try {
    return yield* comparison.compare({
      what: "denoising step",
      share: SHARES.ddim,
      async prepare(side) {
        await denoiser.step(side);
        return () => denoiser.step(side);
      },
    });
  } finally {
    denoiser.dispose();
  }
}

async function* eachOperation(
  comparison: Comparison,
  config: RunConfig,
): Part<Record<OperationName, OperationFigures>> {
  const figures: Partial<Record<OperationName, OperationFigures>> = {};
  for (const [index, name] of OPERATION_NAMES.entries()) {
    const { shape, sides, dispose } = measuredOperation(name, config);
    try {
      const { fused, stock } = yield* comparison.compare({
        what: `operation ${index + 1} of ${OPERATION_NAMES.length}`,
        share: SHARES.operations / OPERATION_NAMES.length,
        prepare: (side) => repeated(sides[side]),
      });
      figures[name] = {
        shape,
        fusedMs: median(fused),
        fusedSpreadMs: spread(fused),
        stockMs: median(stock),
        stockSpreadMs: spread(stock),
      };
    } finally {
      dispose();
    }
  }
  return figures as Record<OperationName, OperationFigures>;
}

/** GFLOP/s of the backend's own `tf.matMul`. */
async function* matrixProduct(comparison: Comparison): Part<Figure> {
  const [a, b] = [tf.ones([MATRIX_SIZE, MATRIX_SIZE]), tf.ones([MATRIX_SIZE, MATRIX_SIZE])];
  try {
    const { stock } = yield* comparison.compare({
      what: "matrix product",
      share: SHARES.matmul,
      sides: ["stock"],
      prepare: () => repeated(() => tf.matMul(a, b)),
    });
    const ms = median(stock);
    return ms === null ? null : (2 * MATRIX_SIZE ** 3) / ms / 1e6;
  } finally {
    tf.dispose([a, b]);
  }
}

/**
 * Times calls that may be too short to be timed alone: each measurement makes several calls in a row and
 * waits once at the end. The first call, which compiles, is not counted.
 *
 * @returns a measurement, in milliseconds for each call
 */
async function repeated(compute: () => tf.Tensor): Promise<() => Promise<number>> {
  const msOf = async (numCalls: number) => {
    const startMs = performance.now();
    for (let call = 1; call < numCalls; call++) compute().dispose();
    await read(compute());
    return performance.now() - startMs;
  };
  await msOf(1);
  let numCalls = 1;
  while (numCalls < MAX_CALLS && (await msOf(numCalls)) < MIN_MEASUREMENT_MS) numCalls *= 2;
  return async () => (await msOf(numCalls)) / numCalls;
}
