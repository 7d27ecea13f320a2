import type { ConvOptions } from "../kernel.ts";
import type { Address } from "./module.ts";
import { floats, type Workspace } from "./workspace.ts";

/** So much of the padded images is there at once: half of what a core's second cache often has. */
const CHUNK_FLOATS = 2 ** 16;

/** Inputs of a convolution, padded chunk by chunk. */
export interface PaddedImages {
  height: number;
  width: number;
  pad: number;
  /** Channels of all inputs together. */
  numChannels: number;
  /** Images of all chunks but the last. */
  chunkSize: number;
  /** One after the other in the same memory. */
  chunks: Iterable<Chunk>;
}

/** Some images, from the `first` of the batch on: `[numImages, H + 2 pad, W + 2 pad, C]`. */
export interface Chunk {
  first: number;
  numImages: number;
  images: Address;
}

/** A way to compute a convolution of them. */
export type ConvForm = (
  workspace: Workspace,
  images: PaddedImages,
  given: {
    /** The kernel, `[numOut / 8, k, k, C, 8]`. */
    packed: Address;
    /** `[numOut]`, up to a multiple of 8. */
    biasRow: Address;
    kernelSize: number;
    numOut: number;
    /** Addresses of a chunk's addend, or 0, and of its output. */
    places(chunk: Chunk): Record<"addend" | "output", Address>;
  },
) => void;

/** And the gradient of the kernel. */
export type KernelGradientForm = (
  workspace: Workspace,
  images: PaddedImages,
  given: {
    dKernel: Address;
    kernelSize: number;
    numOut: number;
    dyOf(chunk: Chunk): Address;
  },
) => void;

interface PaddedForm {
  kernelSize: number;
  /** Also where they could be read as they are. Behind copies there is a row and more of finite numbers. */
  isCopied: boolean;
  /** A power of two: zeros on the right and below fill the sides up. */
  multipleOf?: number;
}

/**
 * The inputs of a convolution with zeros around them, concatenated along their channels, few images at
 * a time so that they stay in the cache.
 */
export function paddedImages(
  workspace: Workspace,
  { x0, x1 }: Pick<ConvOptions, "x0" | "x1">,
  { kernelSize, isCopied, multipleOf = 1 }: PaddedForm,
): PaddedImages {
  const [numImages, height, width, numIn] = x0.shape as [number, number, number, number];
  const numOthers = x1?.shape[3] ?? 0;
  const numChannels = numIn + numOthers;
  const pad = (kernelSize - 1) / 2;
  const padAfter = (side: number) => pad + (-side & (multipleOf - 1));
  const [bottom, right] = [padAfter(height), padAfter(width)];
  const rowSize = (pad + width + right) * numChannels;
  const size = (pad + height + bottom) * rowSize;
  const chunkSize = Math.min(numImages, Math.max(1, Math.floor(CHUNK_FLOATS / size)));
  const isAsItIs = pad === 0 && !x1 && !isCopied;
  return { height, width, pad, numChannels, chunkSize, chunks: chunks() };

  function* chunks(): Generator<Chunk> {
    const { module } = workspace;
    const spare = rowSize + 4 * numChannels;
    const copy = isAsItIs ? 0 : workspace.scratch(chunkSize * size + spare);
    if (!isAsItIs) module.fillZeros(copy + floats(chunkSize * size), spare);
    for (let first = 0; first < numImages; first += chunkSize) {
      const count = Math.min(chunkSize, numImages - first);
      const pixels = first * height * width;
      const images = workspace.address(x0) + floats(pixels * numIn);
      const others = x1 ? workspace.address(x1) + floats(pixels * numOthers) : 0;
      if (!isAsItIs) {
        module.padImages(
          images,
          others,
          copy,
          count,
          height,
          width,
          numIn,
          numOthers,
          pad,
          right,
          bottom,
        );
      }
      yield { first, numImages: count, images: isAsItIs ? images : copy };
    }
  }
}
