import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { ConvOptions, KernelGradientOptions } from "../kernel.ts";
import {
  type Chunk,
  type ConvForm,
  type KernelGradientForm,
  type PaddedImages,
  paddedImages,
} from "./paddedImages.ts";
import { TILE, takesWinograd, winogradConv, winogradKernelGradient } from "./winograd.ts";
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
  const isWinograd = takesWinograd(kernelSize, options, numOut);
  const multipleOf = isWinograd ? TILE : 1;
  const images = paddedImages(workspace, options, { kernelSize, isCopied: false, multipleOf });
  const output = workspace.output([...x0.shape.slice(0, 3), numOut]);
  const biasRow = workspace.scratch(inBlocks(numOut));
  if (bias) module.packColumns(workspace.address(bias), biasRow, 1, numOut, 0);
  else module.fillZeros(biasRow, inBlocks(numOut));
  const form = isWinograd ? winogradConv : tiledConv;
  form(workspace, images, {
    packed,
    biasRow,
    kernelSize,
    numOut,
    places(chunk) {
      const before = bytesBefore(chunk, images, numOut);
      return {
        addend: addend ? workspace.address(addend) + before : 0,
        output: workspace.address(output) + before,
      };
    },
  });
  return output;
}

/** From the first image of a batch to a chunk's. */
function bytesBefore({ first }: Chunk, { height, width }: PaddedImages, numOut: number): number {
  return floats(first * height * width * numOut);
}

const tiledConv: ConvForm = (workspace, images, given) => {
  const { packed, biasRow, kernelSize, numOut, places } = given;
  const { module } = workspace;
  const { height, width, pad, numChannels, chunkSize, chunks } = images;
  const offsets = workspace.scratch(chunkSize * height * width);
  module.pixelOffsets(offsets, chunkSize, height, width, pad, numChannels);
  const spare = workspace.scratch(BLOCK);
  const rowBytes = floats((width + 2 * pad) * numChannels);
  const sizes = [floats(numOut), numOut, kernelSize, kernelSize * numChannels, rowBytes, spare];
  for (const chunk of chunks) {
    const numPixels = chunk.numImages * height * width;
    const { addend, output } = places(chunk);
    module.convTiles(chunk.images, offsets, numPixels, packed, biasRow, addend, output, ...sizes);
  }
};

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
  const { x0, dy, kernelSize } = options;
  const numOut = dy.shape[3] as number;
  // Tiles of 4 channels read behind the last one where they do not divide.
  const isCopied = (x0.shape[3] as number) % 4 !== 0;
  const isWinograd = takesWinograd(kernelSize, options, numOut);
  const multipleOf = isWinograd ? TILE : 1;
  const images = paddedImages(workspace, options, { kernelSize, isCopied, multipleOf });
  const dKernel = workspace.output([kernelSize, kernelSize, images.numChannels, numOut]);
  const dBias = workspace.output([numOut]);
  const sums = workspace.address(dBias);
  workspace.module.fillZeros(sums, numOut);
  const numPixels = util.sizeFromShape(dy.shape) / numOut;
  workspace.module.addColumnSums(workspace.address(dy), sums, numPixels, numOut, floats(numOut));
  const form = isWinograd ? winogradKernelGradient : tiledKernelGradient;
  form(workspace, images, {
    dKernel: workspace.address(dKernel),
    kernelSize,
    numOut,
    dyOf: (chunk) => workspace.address(dy) + bytesBefore(chunk, images, numOut),
  });
  return [dKernel, dBias];
}

const tiledKernelGradient: KernelGradientForm = (workspace, images, given) => {
  const { dKernel, kernelSize, numOut, dyOf } = given;
  const { module } = workspace;
  const { height, width, pad, numChannels, chunkSize, chunks } = images;
  const rowLength = kernelSize * numChannels;
  module.fillZeros(dKernel, kernelSize * rowLength * numOut);
  const packed = workspace.scratch(chunkSize * height * width * inBlocks(numOut));
  const spare = workspace.scratch(BLOCK);
  const rowBytes = floats((width + 2 * pad) * numChannels);
  const sizes = [height, width, pad, numChannels, numOut, rowLength, floats(numOut), spare];
  for (const chunk of chunks) {
    const numPixels = chunk.numImages * height * width;
    module.packColumns(dyOf(chunk), packed, numPixels, numOut, floats(numOut));
    for (let row = 0; row < kernelSize; row++) {
      const rows = chunk.images + row * rowBytes;
      const gradient = dKernel + floats(row * rowLength * numOut);
      module.convKernelGradientTiles(rows, packed, gradient, chunk.numImages, ...sizes);
    }
  }
};
