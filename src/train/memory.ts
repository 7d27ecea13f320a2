import { IMAGE_SIZE } from "../config/hyperparameters.ts";
import type { UnetConfig } from "../nn/unet.ts";

type Backend = "webgpu" | "wasm";

/** Bytes a backend may use for one forward-backward pass, besides parameters and optimizer. */
export const MEMORY_BUDGET_BYTES: Record<Backend, number> = {
  /** A laptop's share of graphics memory. */
  webgpu: 1.5e9,
  /** The WebAssembly heap grows to 2 GB and never shrinks. */
  wasm: 0.8e9,
};

/** Floats held at the peak, fitted to measured peaks of very different networks. */
const FACTORS: Record<Backend, { outputs: number; attention: number; scores: number }> = {
  /** Inputs of an operation are its only memory; scores of attention are never stored. */
  webgpu: { outputs: 0.75, attention: 7, scores: 0 },
  wasm: { outputs: 1.3, attention: 26, scores: 7.5 },
};

/** So that the estimate is on the safe side of each of them. */
const SAFETY = 1.15;

/**
 * Images in one pass: as many as the budget holds, by default the backend's. The batch is cut into
 * equal parts where at most twice as many parts as needed make that possible, since buffers are used
 * again only for the same size.
 */
export function microBatchSize(
  unet: UnetConfig,
  batchSize: number,
  backend: Backend,
  budgetBytes = MEMORY_BUDGET_BYTES[backend],
): number {
  const most = Math.max(1, Math.floor(budgetBytes / trainingBytesPerImage(unet, backend)));
  const needed = Math.ceil(batchSize / most);
  for (let numParts = needed; numParts <= 2 * needed; numParts++) {
    if (batchSize % numParts === 0) return batchSize / numParts;
  }
  return Math.ceil(batchSize / needed);
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
  const attention = (positions: number, width: number, isFull: boolean) => {
    outputs += positions * (4 * width + attentionWidth);
    const scores = isFull ? factors.scores * attnHeads * positions ** 2 : 0;
    const projections = factors.attention * positions * attentionWidth;
    widestAttention = Math.max(widestAttention, projections + scores);
  };
  const positionsAt = (level: number) => IMAGE_SIZE ** 2 / 4 ** level;

  dimMults.forEach((_, level) => {
    const positions = positionsAt(level);
    const [outer, inner] = [widths[level] as number, widths[level + 1] as number];
    const isInnermost = level === dimMults.length - 1;
    for (const width of [outer, outer, inner, inner]) block(positions, width);
    for (const width of [outer, inner]) attention(positions, width, isInnermost);
    // Down- and upsampling.
    outputs += positions * (outer + inner + (level === 0 ? outer : 4 * (outer + inner)));
  });
  const innermost = positionsAt(dimMults.length - 1);
  const middle = widths[widths.length - 1] as number;
  block(innermost, middle);
  block(innermost, middle);
  attention(innermost, middle, true);
  block(IMAGE_SIZE ** 2, dim);
  outputs += IMAGE_SIZE ** 2 * dim;

  const floats = SAFETY * (factors.outputs * outputs + widestAttention);
  return 4 * floats;
}
