import { backend as currentBackend, memory } from "@tensorflow/tfjs-core";
import { NUM_PIXELS, type RunConfig } from "../config/hyperparameters.ts";
import { numParameters, type UnetConfig } from "../nn/unetBlocks.ts";
import { OutOfMemoryError } from "../ops/outOfMemory.ts";
import { BufferPool } from "../ops/webgpu/bufferPool.ts";
import { OPTIMIZERS } from "../optim/optimizers.ts";

type Backend = "webgpu" | "wasm";

/** Bytes that training may take. */
export const MEMORY_BUDGET_BYTES: Record<Backend, number> = {
  /** A laptop's share of graphics memory: all buffers together, also those kept for later. */
  webgpu: 1.5e9,
  /** A forward-backward pass. The heap, which has the rest as well, grows to 2 GB and never shrinks. */
  wasm: 0.8e9,
};

interface Costs {
  /** Besides what follows: gradients of parameters in parts, as many as keep a device busy. */
  fixedBytes: number;
  /** Vectors of all parameters, besides those that the optimizer keeps. */
  vectors: number;
  /** Floats for each that the layers put out. */
  outputs: number;
  /** Floats for each of the widest attention's values. */
  attention: number;
}

/** Fitted to what a step of very different networks takes, with our kernels, on the safe side of each. */
const COSTS: Record<Backend, Costs> = {
  webgpu: { fixedBytes: 140e6, vectors: 5, outputs: 0.91, attention: 5.45 },
  /** Of a pass alone. Attention goes image by image, and needs no more for many. */
  wasm: { fixedBytes: 0, vectors: 0, outputs: 1.21, attention: 0 },
};

type TrainedNetwork = UnetConfig & Pick<RunConfig, "optimizer">;

/** What a pass has room for. */
interface Room {
  /** By default the backend's budget. */
  budgetBytes?: number;
  /** Of one tensor; by default as large as a buffer of the graphics device may be. */
  maxTensorBytes?: number;
}

/**
 * Images in one pass: as many as there is room for. The batch is cut into equal parts where at most
 * twice as many parts as needed make that possible: then every pass fits the same buffers.
 */
export function microBatchSize(
  unet: TrainedNetwork,
  batchSize: number,
  backend: Backend,
  room: Room = {},
): number {
  const { budgetBytes = MEMORY_BUDGET_BYTES[backend], maxTensorBytes = deviceLimit() } = room;
  const withoutImages = trainingBytes(unet, 0, backend);
  const most = Math.floor(
    Math.min(
      (budgetBytes - withoutImages) / (trainingBytes(unet, 1, backend) - withoutImages),
      maxTensorBytes / largestTensorBytesPerImage(unet),
    ),
  );
  const needed = Math.ceil(batchSize / Math.max(1, most));
  for (let numParts = needed; numParts <= 2 * needed; numParts++) {
    if (batchSize % numParts === 0) return batchSize / numParts;
  }
  return Math.ceil(batchSize / needed);
}

/** @throws OutOfMemoryError where a vector of all parameters is larger than a buffer of the graphics device may be */
export function checkParametersFit(unet: UnetConfig): void {
  const bytes = 4 * numParameters(unet);
  if (bytes <= deviceLimit()) return;
  const megabytes = (size: number) => `${Math.round(size / 1e6)} MB`;
  throw new OutOfMemoryError(
    `The network is too large for this graphics card: its parameters take ${megabytes(bytes)}, and a buffer has at most ${megabytes(deviceLimit())}. Choose a smaller network, or WebAssembly as backend.`,
  );
}

/** Bytes of a binding: 128 MiB on every device, several times that on most graphics cards. */
function deviceLimit(): number {
  const { device } = currentBackend() as { device?: GPUDevice };
  return device?.limits.maxStorageBufferBindingSize ?? Number.POSITIVE_INFINITY;
}

/** Bytes taken at the moment: see `StepReport`. */
export function memoryBytes(): number {
  const { numBytes, numBytesAllocatedInGPU } = memory() as ReturnType<typeof memory> & {
    numBytesAllocatedInGPU?: number;
  };
  return numBytesAllocatedInGPU ?? numBytes;
}

/** Gives the graphics device back what the backend keeps for later. WebAssembly's heap never shrinks. */
export function releaseFreeMemory(): void {
  bufferPool()?.releaseFree();
}

function bufferPool(): BufferPool | null {
  const { bufferManager } = currentBackend() as { bufferManager?: unknown };
  return bufferManager instanceof BufferPool ? bufferManager : null;
}

/** Queries, keys and values of the outermost level, or the widest output, which may be upsampled. */
function largestTensorBytesPerImage({ dim, dimMults, attnHeads, attnDimHead }: UnetConfig): number {
  const widths = dimMults.map((mult, level) => (mult * dim) / 4 ** Math.max(0, level - 1));
  return 4 * NUM_PIXELS * Math.max(dim, ...widths, 3 * attnHeads * attnDimHead);
}

/**
 * Most bytes that training takes at one time, with so many images in a pass. On WebGPU those of all
 * buffers, on WebAssembly those of the pass alone.
 */
export function trainingBytes(unet: TrainedNetwork, numImages: number, backend: Backend): number {
  const { fixedBytes, vectors, outputs, attention } = COSTS[backend];
  const floats = floatsPerImage(unet);
  const ofImage = outputs * floats.outputs + attention * floats.attention;
  const numVectors = vectors && vectors + Object.keys(OPTIMIZERS[unet.optimizer].state).length;
  return fixedBytes + 4 * (numVectors * numParameters(unet) + numImages * ofImage);
}

/**
 * Counted from the layers: their outputs live until the way back has passed them, and the widest
 * attention layer needs room for its intermediates.
 */
function floatsPerImage({ dim, dimMults, attnHeads, attnDimHead }: UnetConfig) {
  const widths = [dim, ...dimMults.map((mult) => mult * dim)];
  const attentionWidth = attnHeads * attnDimHead;
  let outputs = 0;
  let widestAttention = 0;

  const block = (positions: number, width: number) => {
    outputs += 6 * positions * width;
  };
  const attention = (positions: number, width: number) => {
    outputs += positions * (4 * width + attentionWidth);
    widestAttention = Math.max(widestAttention, positions * attentionWidth);
  };
  const positionsAt = (level: number) => NUM_PIXELS / 4 ** level;

  dimMults.forEach((_, level) => {
    const positions = positionsAt(level);
    const [outer, inner] = [widths[level] as number, widths[level + 1] as number];
    for (const width of [outer, outer, inner, inner]) block(positions, width);
    for (const width of [outer, inner]) attention(positions, width);
    // Down- and upsampling.
    outputs += positions * (outer + inner + (level === 0 ? outer : 4 * (outer + inner)));
  });
  const innermost = positionsAt(dimMults.length - 1);
  const middle = widths[widths.length - 1] as number;
  block(innermost, middle);
  block(innermost, middle);
  attention(innermost, middle);
  block(NUM_PIXELS, dim);
  outputs += NUM_PIXELS * dim;

  return { outputs, attention: widestAttention };
}
