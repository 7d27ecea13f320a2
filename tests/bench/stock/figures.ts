/** The figures of a benchmark. */
import type { PresetName } from "../../../src/engine/config/presets.ts";

/** Ours, and stock TensorFlow.js: the same network with its operations, gradients and optimizer. */
export const SIDES = ["fused", "stock"] as const;
export type SideName = (typeof SIDES)[number];

/** The operations that are measured one by one, forward and backward unless the label says otherwise. */
export const OPERATIONS = {
  conv3x3Forward: "convolution 3x3, forward",
  conv3x3: "convolution 3x3",
  conv1x1: "convolution 1x1",
  conv7x7: "convolution 7x7",
  norm: "RMSNorm",
  normFilmSilu: "RMSNorm, FiLM, SiLU",
  linearAttention: "linear attention",
  fullAttention: "full attention",
  pixelUnshuffle: "pixel-unshuffle",
  upsampling: "nearest upsampling",
  linear: "fully connected",
  timeEmbedding: "time embedding",
  diffusionLoss: "diffusion loss",
  optimizerStep: "optimizer",
} as const;
export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Null if it was not measured: the backend does not count it, or stock TensorFlow.js cannot do it. */
export type Figure = number | null;

/** Third quartile less first, between neighbors as far as it is needed; null without values. */
export function spread(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return null;
  const quantile = (fraction: number) => {
    const place = fraction * (sorted.length - 1);
    const [below, above] = [Math.floor(place), Math.ceil(place)].map((i) => sorted[i] as number);
    return (below as number) + (place % 1) * ((above as number) - (below as number));
  };
  return quantile(0.75) - quantile(0.25);
}

/** Medians over the rounds, and for times their spread: see `spread`. */
export interface SideFigures {
  /** A training step, from the call until its loss has been read. */
  stepMs: Figure;
  stepSpreadMs: Figure;
  /** The first step, including compilation. Ours runs first, so stock finds shared kernels compiled. */
  firstStepMs: Figure;
  /** Time until JavaScript has handed a step to the device; null on WebAssembly, where all of it is JavaScript's. */
  jsMs: Figure;
  /** Dispatches in a step; null on WebAssembly. */
  dispatches: Figure;
  /** Writes from JavaScript to the device in a step; null on WebAssembly. */
  uploads: Figure;
  /** Most bytes of buffers in use during a step, over the batch size; null on WebAssembly. */
  peakBytesPerImage: Figure;
  imagesPerSecond: Figure;
  /** Speed of a training step, which counts three times the operations of a forward pass. */
  gflops: Figure;
  /** A DDIM step, until its images have been read. */
  ddimStepMs: Figure;
  ddimStepSpreadMs: Figure;
}

export interface OperationFigures {
  /** The shape of its input, e.g. `8 x 28 x 28 x 16`. */
  shape: string;
  fusedMs: Figure;
  fusedSpreadMs: Figure;
  stockMs: Figure;
  stockSpreadMs: Figure;
}

export interface BenchmarkFigures {
  /** What the caller knows about the machine, e.g. processor and browser. */
  machine: string;
  backend: "webgpu" | "wasm";
  device: string;
  preset: PresetName;
  batchSize: number;
  /** How many training steps were timed. */
  rounds: number;
  /** Speed of `tf.matMul` of two 512 x 512 matrices, to show what the backend can do. */
  matmulGflops: Figure;
  /** Images of the DDIM step. */
  numDigits: number;
  fused: SideFigures;
  stock: SideFigures;
  /** Why stock TensorFlow.js failed at something; null if it could do everything. */
  stockFailure: string | null;
  operations: Record<OperationName, OperationFigures>;
}

export interface BenchmarkProgress {
  /** What comes next. */
  doing: string;
  /** 0 to 1. */
  fraction: number;
}

/** How long to measure. Everything is measured at least `minRounds` times. */
export interface Effort {
  minRounds: number;
  maxRounds: number;
  /** For all rounds of all measurements, without the first calls, which compile. */
  budgetMs: number;
}
