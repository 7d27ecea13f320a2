import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { ConvOptions, KernelGradientOptions } from "../kernel.ts";
import type { Address } from "./module.ts";
import { floats, type Workspace } from "./workspace.ts";

/** Output channels of a tile. */
export const BLOCK = 8;

/** A multiple of `BLOCK`. */
export function inBlocks(count: number): number {
  return Math.ceil(count / BLOCK) * BLOCK;
}

/** y = conv(x, K) + bias + addend, or dL/dx; `[B, H, W, C_out]`. */
export function conv(workspace: Workspace, options: ConvOptions): TensorInfo {
  const { x0, bias, addend } = options;
  const { module } = workspace;
  const { packed, kernelSize, numOut } = packedKernel(workspace, options);
  const [numImages] = x0.shape as [number];
  const images = paddedImages(workspace, options, { kernelSize, isCopied: false });
  const { height, width, pad, numChannels, chunkSize, chunks } = images;
  const output = workspace.output([numImages, height, width, numOut]);

  const offsets = workspace.scratch(chunkSize * height * width);
  module.pixelOffsets(offsets, chunkSize, height, width, pad, numChannels);
  const biasRow = workspace.scratch(inBlocks(numOut));
  if (bias) module.packColumns(workspace.address(bias), biasRow, 1, numOut, 0);
  else module.fillZeros(biasRow, inBlocks(numOut));
  const spare = workspace.scratch(BLOCK);
  const rowBytes = floats((width + 2 * pad) * numChannels);
  for (const chunk of chunks) {
    const numPixels = chunk.numImages * height * width;
    const before = floats(chunk.first * height * width * numOut);
    module.convTiles(
      ...([chunk.images, offsets, numPixels] as const),
      ...([packed, biasRow, addend ? workspace.address(addend) + before : 0] as const),
      ...([workspace.address(output) + before, floats(numOut), numOut] as const),
      ...([kernelSize, kernelSize * numChannels, rowBytes, spare] as const),
    );
  }
  return output;
}

/** The kernel as `[numOut / 8, k, k, C, 8]`. */
function packedKernel(workspace: Workspace, { kernel, turned }: ConvOptions) {
  const { module } = workspace;
  const [kernelSize, , kernelIn, kernelOut] = kernel.shape as [number, number, number, number];
  const numOut = turned?.numIn ?? kernelOut;
  const numRows = kernelSize ** 2 * (turned ? kernelOut : kernelIn);
  const packed = workspace.scratch(numRows * inBlocks(numOut));
  const source = workspace.address(kernel);
  if (turned) {
    module.packTurned(source, packed, kernelSize, kernelIn, turned.firstIn, numOut, kernelOut);
  } else {
    module.packColumns(source, packed, numRows, numOut, floats(numOut));
  }
  return { packed, kernelSize, numOut };
}

/**
 * dL/dK, `[k, k, sum C_i, C_out]`, and dL/db, `[C_out]`, summed over few images at a time and then over these
 * sums.
 */
export function kernelGradient(
  workspace: Workspace,
  options: KernelGradientOptions,
): [dKernel: TensorInfo, dBias: TensorInfo] {
  const { module } = workspace;
  const { x0, dy, kernelSize } = options;
  const numOut = dy.shape[3] as number;
  // Tiles of 4 channels read behind the last one where they do not divide.
  const isCopied = (x0.shape[3] as number) % 4 !== 0;
  const images = paddedImages(workspace, options, { kernelSize, isCopied });
  const { height, width, pad, numChannels, chunkSize, chunks } = images;

  const rowLength = kernelSize * numChannels;
  const dKernel = workspace.output([kernelSize, kernelSize, numChannels, numOut]);
  const dBias = workspace.output([numOut]);
  module.fillZeros(workspace.address(dKernel), kernelSize * rowLength * numOut);
  module.fillZeros(workspace.address(dBias), numOut);

  const packed = workspace.scratch(chunkSize * height * width * inBlocks(numOut));
  const spare = workspace.scratch(BLOCK);
  const rowBytes = floats((width + 2 * pad) * numChannels);
  for (const { first, numImages, images } of chunks) {
    const numPixels = numImages * height * width;
    const dys = workspace.address(dy) + floats(first * height * width * numOut);
    module.packColumns(dys, packed, numPixels, numOut, floats(numOut));
    for (let row = 0; row < kernelSize; row++) {
      module.convKernelGradientTiles(
        ...([images + row * rowBytes, packed] as const),
        workspace.address(dKernel) + floats(row * rowLength * numOut),
        ...([numImages, height, width, pad, numChannels] as const),
        ...([numOut, rowLength, floats(numOut), spare] as const),
      );
    }
    module.addPixelSums(packed, workspace.address(dBias), numPixels, numOut, spare);
  }
  return [dKernel, dBias];
}

/** Of the padded images at once: half of what a core's second cache often has. */
const CHUNK_FLOATS = 2 ** 16;

/**
 * The inputs of a convolution with zeros around them, concatenated along their channels, few images at
 * a time so that they stay in the cache.
 *
 * @param isCopied whether they are copied where they could be read as they are; then 3 floats behind the
 *   end may be read
 */
function paddedImages(
  workspace: Workspace,
  { x0, x1 }: Pick<ConvOptions, "x0" | "x1">,
  { kernelSize, isCopied }: { kernelSize: number; isCopied: boolean },
) {
  const inputs = x1 ? [x0, x1] : [x0];
  const [numImages, height, width] = x0.shape as [number, number, number];
  const channels = inputs.map(({ shape }) => shape[3] as number);
  const numChannels = channels.reduce((sum, count) => sum + count, 0);
  const pad = (kernelSize - 1) / 2;
  const size = (height + 2 * pad) * (width + 2 * pad) * numChannels;
  const chunkSize = Math.min(numImages, Math.max(1, Math.floor(CHUNK_FLOATS / size)));
  const isAsItIs = pad === 0 && !x1 && !isCopied;
  // Of all inputs together; images of all chunks but the last; one chunk after the other in the same memory.
  return { height, width, pad, numChannels, chunkSize, chunks: chunks() };

  /** `first` image and number of a chunk's, and their address: `[numImages, H + 2 pad, W + 2 pad, C]`. */
  function* chunks() {
    const { module } = workspace;
    const copy = isAsItIs ? 0 : workspace.scratch(chunkSize * size + 3);
    for (let first = 0; first < numImages; first += chunkSize) {
      const count = Math.min(chunkSize, numImages - first);
      const [images, others = 0] = inputs.map(
        (input, i) =>
          workspace.address(input) + floats(first * height * width * (channels[i] as number)),
      ) as [Address, Address?];
      if (!isAsItIs) {
        const [numIn, numOthers = 0] = channels as [number, number?];
        const sizes = [count, height, width, numIn, numOthers, pad];
        module.padImages(images, others, copy, ...sizes);
      }
      yield { first, numImages: count, images: isAsItIs ? images : copy };
    }
  }
}
