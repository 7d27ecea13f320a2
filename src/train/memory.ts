import { backend as currentBackend, memory } from "@tensorflow/tfjs-core";
import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import type { UnetConfig } from "../nn/unetBlocks.ts";

type Backend = "webgpu" | "wasm";

/** Bytes a backend may use for one forward-backward pass, besides parameters and optimizer. */
export const MEMORY_BUDGET_BYTES: Record<Backend, number> = {
  /** A laptop's share of graphics memory. */
  webgpu: 1.5e9,
  /** The WebAssembly heap grows to 2 GB and never shrinks. */
  wasm: 0.8e9,
};

/** Floats held at the peak, fitted to measured peaks of very different networks, with our kernels. */
const FACTORS: Record<Backend, { outputs: number; attention: number }> = {
  webgpu: { outputs: 0.75, attention: 7 },
  /** Attention goes image by image, and needs no more for many. */
  wasm: { outputs: 1.05, attention: 0 },
};

/** So that the estimate is on the safe side of each of them. */
const SAFETY = 1.15;

/** What a pass has room for. */
interface Room {
  /** By default the backend's budget. */
  budgetBytes?: number;
  /** Of one tensor; by default as large as a buffer of the graphics device may be. */
  maxTensorBytes?: number;
}

/**
 * Images in one pass: as many as there is room for. The batch is cut into equal parts where at most
 * twice as many parts as needed make that possible, since buffers are used again only for the same
 * size.
 */
export function microBatchSize(
  unet: UnetConfig,
  batchSize: number,
  backend: Backend,
  room: Room = {},
): number {
  const { budgetBytes = MEMORY_BUDGET_BYTES[backend], maxTensorBytes = deviceLimit() } = room;
  const most = Math.floor(
    Math.min(
      budgetBytes / trainingBytesPerImage(unet, backend),
      maxTensorBytes / largestTensorBytesPerImage(unet),
    ),
  );
  const needed = Math.ceil(batchSize / Math.max(1, most));
  for (let numParts = needed; numParts <= 2 * needed; numParts++) {
    if (batchSize % numParts === 0) return batchSize / numParts;
  }
  return Math.ceil(batchSize / needed);
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

/** Queries, keys and values of the outermost level, or the widest output, which may be upsampled. */
function largestTensorBytesPerImage({ dim, dimMults, attnHeads, attnDimHead }: UnetConfig): number {
  const widths = dimMults.map((mult, level) => (mult * dim) / 4 ** Math.max(0, level - 1));
  return 4 * IMAGE_SIZE ** 2 * Math.max(dim, ...widths, 3 * attnHeads * attnDimHead);
}

/**
 * Peak bytes that one image of a batch adds to a forward-backward pass, counted from the layers:
 * layers' outputs live until the way back has passed them, and the widest attention layer needs
 * room for its intermediates.
 */
export function trainingBytesPerImage(
  { dim, dimMults, attnHeads, attnDimHead }: UnetConfig,
  backend: Backend,
): number {
  const factors = FACTORS[backend];
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
  const positionsAt = (level: number) => IMAGE_SIZE ** 2 / 4 ** level;

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
  block(IMAGE_SIZE ** 2, dim);
  outputs += IMAGE_SIZE ** 2 * dim;

  const floats = factors.outputs * outputs + factors.attention * widestAttention;
  return 4 * SAFETY * floats;
}
