import { benchmark } from "../bench/benchmark.ts";
import type { BenchmarkFigures } from "../bench/figures.ts";
import { presetConfig } from "../config/presets.ts";
import { messageOf } from "../messageOf.ts";
import { MEMORY_BUDGET_BYTES, microBatchSize, trainingBytes } from "../train/memory.ts";
import { measuredBackend } from "./measuredBackend.ts";
import type { BenchmarkEvent, BenchmarkRequest } from "./measuringProtocol.ts";

/**
 * Peak of a step in stock TensorFlow.js over the estimate for ours, about 7, and some room. On
 * WebAssembly it gets no further than the forward pass.
 */
const STOCK_MEMORY_FACTOR = { webgpu: 8, wasm: 4 };

/** Starts the backend and measures it; what it posts last is done or failed. */
export async function runBenchmark(
  request: BenchmarkRequest,
  post: (event: BenchmarkEvent) => void,
): Promise<void> {
  try {
    post({ type: "benchmarkDone", figures: await measure(request, post) });
  } catch (error) {
    post({ type: "measuringFailed", message: messageOf(error) });
  }
}

async function measure(
  request: BenchmarkRequest,
  post: (event: BenchmarkEvent) => void,
): Promise<BenchmarkFigures> {
  const { preset, effort, machine } = request;
  const { backend, device } = await measuredBackend(request.backend, post);
  const batchSize = request.batchSize ?? defaultBatchSize(request);
  const measurements = benchmark({ preset, batchSize, effort });
  for (;;) {
    const { done, value } = await measurements.next();
    if (done) return { machine, backend, device, ...value };
    post({ type: "benchmarkProgress", ...value });
  }
}

/** The preset's batch, or as much of it as stock TensorFlow.js has room for. */
function defaultBatchSize({ preset, backend }: BenchmarkRequest): number {
  const config = presetConfig(preset);
  const withoutImages = trainingBytes(config, 0, backend);
  const ofImages = (MEMORY_BUDGET_BYTES[backend] - withoutImages) / STOCK_MEMORY_FACTOR[backend];
  const budgetBytes = withoutImages + ofImages;
  return microBatchSize(config, config.batchSize, backend, { budgetBytes });
}
