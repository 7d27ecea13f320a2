import type { BenchmarkFigures, OperationFigures, SideFigures } from "../../bench/stock/figures.ts";

const SIDE: SideFigures = {
  stepMs: 100,
  stepSpreadMs: 4,
  firstStepMs: 2500,
  jsMs: 12.34,
  dispatches: 641,
  uploads: 670,
  peakBytesPerImage: 2_345_678,
  imagesPerSecond: 80,
  gflops: 2,
  ddimStepMs: 50,
  ddimStepSpreadMs: 2,
};

const OPERATION: OperationFigures = {
  shape: "8 x 28 x 28 x 8 to 8",
  fusedMs: 0.5,
  fusedSpreadMs: 0.1,
  stockMs: 5,
  stockSpreadMs: 1,
};

/** Figures of a benchmark that went well. */
export function figuresWith(changes: Partial<BenchmarkFigures> = {}): BenchmarkFigures {
  return {
    machine: "Chrome 141 on Linux, 8 logical cores",
    backend: "webgpu",
    device: "Apple M2",
    preset: "tiny",
    batchSize: 8,
    rounds: 5,
    matmulGflops: 512.3,
    numDigits: 32,
    fused: SIDE,
    stock: { ...SIDE, stepMs: 1986.4, imagesPerSecond: 4, gflops: 0.1, dispatches: 3858 },
    stockFailure: null,
    operations: {
      conv3x3Forward: OPERATION,
      conv3x3: OPERATION,
      conv1x1: OPERATION,
      conv7x7: OPERATION,
      norm: OPERATION,
      pixelUnshuffle: OPERATION,
      upsampling: OPERATION,
      timeEmbedding: OPERATION,
      diffusionLoss: OPERATION,
      normFilmSilu: OPERATION,
      linearAttention: OPERATION,
      fullAttention: OPERATION,
      linear: OPERATION,
      optimizerStep: { ...OPERATION, shape: "49,417 parameters", fusedMs: 1, stockMs: 0.5 },
    },
    ...changes,
  };
}
