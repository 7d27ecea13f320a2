/** What a benchmark measures and tells. */
import type { PresetName } from "../config/presets.ts";

/** Ours, and stock TensorFlow.js: the same network of its own operations, gradients and optimizer. */
export const SIDES = ["fused", "stock"] as const;
export type SideName = (typeof SIDES)[number];

/** The operations that are measured one by one, forward and backward unless the label says else. */
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

/**
 * Null where nothing was to be measured: what a backend does not count, and what stock TensorFlow.js
 * cannot do on it.
 */
export type Figure = number | null;

/** Medians over the rounds. */
export interface SideFigures {
  /** A training step, from the call until its loss is here. */
  stepMs: Figure;
  /** The first one, with what it compiles. Ours goes first; stock finds compiled what both use. */
  firstStepMs: Figure;
  /** JavaScript's part of a step: until the device has all of it. Null on WebAssembly, which has no part besides. */
  jsMs: Figure;
  /** Compute passes' dispatches a step; null on WebAssembly. */
  dispatches: Figure;
  /** Writes from JavaScript to the device a step; null on WebAssembly. */
  uploads: Figure;
  /**
   * Most bytes of buffers in use at one time of a step, with parameters and optimizer, by the images
   * of the batch; null on WebAssembly.
   */
  peakBytesPerImage: Figure;
  imagesPerSecond: Figure;
  /** Of a training step: three times the products of a forward pass. */
  gflops: Figure;
  /** A denoising step of DDIM, until its images are here. */
  ddimStepMs: Figure;
}

export interface OperationFigures {
  /** What it computes on, for a person, e.g. `8 x 28 x 28 x 16`. */
  shape: string;
  fusedMs: Figure;
  stockMs: Figure;
}

export interface BenchmarkFigures {
  /** What the caller knows about the machine, e.g. processor and browser. */
  machine: string;
  backend: "webgpu" | "wasm";
  device: string;
  preset: PresetName;
  batchSize: number;
  /** Of whole training steps. */
  rounds: number;
  /** Of `tf.matMul` of two 512 x 512 matrices, the measure of what the backend can do. */
  matmulGflops: Figure;
  /** Images of the DDIM step. */
  numDigits: number;
  fused: SideFigures;
  stock: SideFigures;
  /** Why stock TensorFlow.js cannot do all of it here; null where it can. */
  stockFailure: string | null;
  operations: Record<OperationName, OperationFigures>;
}

export interface BenchmarkProgress {
  /** What comes next. */
  doing: string;
  /** 0 to 1. */
  fraction: number;
}

/** How long to measure each thing; every one at least `minRounds` times. */
export interface Effort {
  minRounds: number;
  maxRounds: number;
  /** For all rounds of all things together, without their first calls, which compile. */
  budgetMs: number;
}
