import { backend as currentBackend, memory } from "@tensorflow/tfjs-core";
import { NUM_PIXELS, type RunConfig } from "../config/hyperparameters.ts";
import type { NetworkConfig } from "../nn/networkBlocks.ts";
import { numParameters } from "../nn/networkBlocks.ts";
import { inOrder, unetBlocks } from "../nn/unetBlocks.ts";
import { OutOfMemoryError } from "../ops/outOfMemory.ts";
import type { Precision } from "../ops/precision.ts";
import { BufferPool } from "../ops/webgpu/bufferPool.ts";
import { tuningOf } from "../ops/webgpu/tuning.ts";
import { OPTIMIZERS } from "../optim/optimizers.ts";

type Backend = "webgpu" | "wasm";

/** How many bytes training may take; where it starts, a backend may be given less. */
export const MEMORY_BUDGET_BYTES: Record<Backend, number> = {
  /** What a laptop can spare of its graphics memory: all buffers, including those kept for reuse. */
  webgpu: 1.5e9,
  /** A forward-backward pass alone. The heap holds the rest too, grows up to 2 GB and never shrinks. */
  wasm: 0.8e9,
};

interface Costs {
  /** A constant share: partial sums of parameter gradients, as many as keep the device busy. */
  fixedBytes: number;
  /** Copies of the whole parameter vector, besides the optimizer's state. */
  vectors: number;
  /** Floats in memory for each float of layer output, some of which are kept as halves in mixed precision. */
  outputs: Record<Precision, number>;
  /** Floats in memory for each value of the widest attention layer that is not tiled. */
  attention: number;
}

/** Fitted to measurements of very different networks with our kernels; never below what was measured. */
const COSTS: Record<Backend, Costs> = {
  webgpu: {
    fixedBytes: 81.7e6,
    vectors: 6.25,
    attention: 7.35,
    outputs: { float32: 0.86, mixed: 0.534 },
  },
  /** The costs of a pass alone. Attention goes image by image, so more images need no more memory; there are no halves. */
  wasm: { fixedBytes: 0, vectors: 0, attention: 0, outputs: { float32: 1.21, mixed: 1.21 } },
};

type TrainedNetwork = NetworkConfig & Pick<RunConfig, "optimizer"> & { precision?: Precision };

/**
 * How many images fit into one pass, by an estimate. A run divides the memory among its threads, and takes fewer once it
 * was short of memory (`passSizes` in `runtime/run/trainingRun.ts`). The batch is split into equal parts where that takes at most twice
 * as many parts as needed, since then all passes reuse the same buffers.
 *
 * @param limits.maxTensorBytes of one tensor; the largest buffer of the graphics device when left out
 */
export function microBatchSize(
  network: TrainedNetwork,
  batchSize: number,
  backend: Backend,
  limits: { budgetBytes?: number; maxTensorBytes?: number } = {},
): number {
  const { budgetBytes = MEMORY_BUDGET_BYTES[backend], maxTensorBytes = deviceLimit() } = limits;
  const withoutImages = trainingBytes(network, 0, backend);
  const most = Math.floor(
    Math.min(
      (budgetBytes - withoutImages) / (trainingBytes(network, 1, backend) - withoutImages),
      maxTensorBytes / largestTensorBytesPerImage(network),
    ),
  );
  const needed = Math.ceil(batchSize / Math.max(1, most));
  for (let numParts = needed; numParts <= 2 * needed; numParts++) {
    if (batchSize % numParts === 0) return batchSize / numParts;
  }
  return Math.ceil(batchSize / needed);
}

/** @throws OutOfMemoryError when the parameter vector is larger than the largest buffer of the graphics device */
export function checkParametersFit(network: NetworkConfig): void {
  const bytes = 4 * numParameters(network);
  if (bytes <= deviceLimit()) return;
  const megabytes = (size: number) => `${Math.round(size / 1e6)} MB`;
  throw new OutOfMemoryError(
    `The network is too large for this graphics card: its parameters take ${megabytes(bytes)}, and a buffer has at most ${megabytes(deviceLimit())}. Choose a smaller network, or WebAssembly as backend.`,
  );
}

/** Largest buffer that can be bound, in bytes: at least 128 MiB; several times that on most graphics cards. */
function deviceLimit(): number {
  const { device } = currentBackend() as { device?: GPUDevice };
  return device?.limits.maxStorageBufferBindingSize ?? Number.POSITIVE_INFINITY;
}

/** Bytes in use now: the `memoryBytes` of a step report. */
export function memoryBytes(): number {
  const { numBytes, numBytesAllocatedInGPU } = memory() as ReturnType<typeof memory> & {
    numBytesAllocatedInGPU?: number;
  };
  return numBytesAllocatedInGPU ?? numBytes;
}

/** Frees the buffers that the backend keeps for reuse on the graphics device. WebAssembly's heap never shrinks. */
export function releaseFreeMemory(): void {
  const { bufferManager } = currentBackend() as { bufferManager?: unknown };
  if (bufferManager instanceof BufferPool) bufferManager.releaseFree();
}

/**
 * The largest is the widest output, which may be upsampled, or of attention: tiled linear attention's gradient has the
 * width of the heads, any other queries, keys and values.
 */
function largestTensorBytesPerImage(config: NetworkConfig): number {
  if (config.architecture === "perceptron") return 4 * config.width;
  const { dim, dimMults, attnHeads, attnDimHead } = config;
  const widths = dimMults.map((mult, level) => (mult * dim) / 4 ** Math.max(0, level - 1));
  const attentionWidth = attnHeads * attnDimHead;
  const ofAttention = (dimMults.length > 1 && tilesAttention() ? 1 : 3) * attentionWidth;
  return 4 * NUM_PIXELS * Math.max(dim, ...widths, ofAttention);
}

/** Whether linear attention goes through workgroup tiles; a graphics card is assumed where there is no device. */
function tilesAttention(): boolean {
  const { device } = currentBackend() as { device?: GPUDevice };
  return !device || tuningOf(device).tiles === "workgroup";
}

/**
 * An upper bound of the bytes in use at one time while training with `numImages` in a pass: all buffers
 * on WebGPU, those of the pass alone on WebAssembly.
 */
export function trainingBytes(
  network: TrainedNetwork,
  numImages: number,
  backend: Backend,
): number {
  const { fixedBytes, vectors, outputs, attention } = COSTS[backend];
  const floats = floatsPerImage(network, backend);
  const ofImage =
    outputs[network.precision ?? "float32"] * floats.outputs + attention * floats.attention;
  const numVectors = vectors && vectors + Object.keys(OPTIMIZERS[network.optimizer].state).length;
  return fixedBytes + 4 * (numVectors * numParameters(network) + numImages * ofImage);
}

/**
 * Counted from the layers: outputs stay in memory until the backward pass has used them, and the widest
 * attention layer that is not tiled also needs room for its intermediate results.
 */
function floatsPerImage(network: NetworkConfig, backend: Backend) {
  if (network.architecture === "perceptron") {
    // Per block: two layers, the timestep's, and two sums.
    return { outputs: network.width * (5 * network.depth + 3), attention: 0 };
  }
  const attentionWidth = network.attnHeads * network.attnDimHead;
  const isTiled = tilesAttention();
  let outputs = 0;
  let widestAttention = 0;
  for (const { name, kind, numIn, numOut, levelIn } of inOrder(unetBlocks(network))) {
    const positions = NUM_PIXELS / 4 ** levelIn;
    if (kind === "conv" && name !== "final_conv") outputs += positions * numOut;
    if (kind === "conv" && name.startsWith("downs.")) outputs += positions * numIn;
    // WebGPU's convolutions read the image as it was before it was resampled.
    const resampled = backend === "wasm" ? numIn : 0;
    if (kind === "downsample") outputs += positions * (resampled + numOut);
    if (kind === "upsample") outputs += positions * 4 * (resampled + numOut);
    if (kind === "resnet") outputs += positions * 6 * numOut;
    if (kind === "linearAttention" || kind === "fullAttention") {
      outputs += positions * (4 * numOut + attentionWidth);
      if (kind === "linearAttention" && isTiled) continue;
      widestAttention = Math.max(widestAttention, positions * attentionWidth);
    }
  }
  return { outputs, attention: widestAttention };
}
