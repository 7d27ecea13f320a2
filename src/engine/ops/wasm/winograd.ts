import type { Address } from "./module.ts";
import type { ConvForm, KernelGradientForm, PaddedImages } from "./paddedImages.ts";
import type { Workspace } from "./workspace.ts";

/** Of the transformed inputs at once, so that they stay in a core's second cache. */
const FLOATS_AT_ONCE = 2 ** 15;

/** What `elementStride` in `assembly/` adds at most. */
const STRIDE_FLOATS = (4096 + 256) / 4;

/** Whether the functions below can do it; where they can, they are faster. */
export function hasWinograd(
  kernelSize: number,
  { numChannels }: PaddedImages,
  numOut: number,
): boolean {
  return kernelSize === 3 && numChannels % 4 === 0 && numOut % 8 === 0;
}

export const winogradConv: ConvForm = (workspace, images, { packed, biasRow, numOut, places }) => {
  const { module } = workspace;
  const { height, width, numChannels } = images;
  const transformed = workspace.scratch(16 * numChannels * numOut);
  module.winogradKernel(packed, transformed, numOut, numChannels);
  const [imagesAtOnce, rowsAtOnce, spare] = tilesAtOnce(workspace, images);
  for (const chunk of images.chunks) {
    const { addend, output } = places(chunk);
    module.winogradConv(
      chunk.images,
      transformed,
      biasRow,
      addend,
      output,
      chunk.numImages,
      height,
      width,
      numChannels,
      numOut,
      imagesAtOnce,
      rowsAtOnce,
      spare,
    );
  }
};

export const winogradKernelGradient: KernelGradientForm = (
  workspace,
  images,
  { dKernel, dBias, numOut, dyOf },
) => {
  const { module } = workspace;
  const { height, width, numChannels } = images;
  const sums = workspace.scratch(16 * numChannels * numOut);
  module.fillZeros(sums, 16 * numChannels * numOut);
  const [imagesAtOnce, rowsAtOnce, spare] = tilesAtOnce(workspace, images);
  const row = workspace.scratch(8);
  for (const chunk of images.chunks) {
    module.winogradKernelGradient(
      chunk.images,
      dyOf(chunk),
      sums,
      dBias,
      chunk.numImages,
      height,
      width,
      numChannels,
      numOut,
      imagesAtOnce,
      rowsAtOnce,
      spare,
      row,
    );
  }
  module.winogradKernelOfSums(sums, dKernel, numChannels * numOut);
};

/** Images and rows of tiles at once, and memory for them. */
function tilesAtOnce(
  workspace: Workspace,
  { height, width, numChannels }: PaddedImages,
): [imagesAtOnce: number, rowsAtOnce: number, spare: Address] {
  const tilesPerRow = Math.ceil(width / 2);
  const numRows = Math.ceil(height / 2);
  const rows = Math.max(1, Math.floor(FLOATS_AT_ONCE / (16 * numChannels * tilesPerRow)));
  const imagesAtOnce = Math.max(1, Math.floor(rows / numRows));
  const rowsAtOnce = Math.min(rows, numRows);
  const numTiles = Math.ceil((imagesAtOnce * rowsAtOnce * tilesPerRow) / 4) * 4;
  const spare = workspace.scratch(16 * ((numChannels + 8) * numTiles + 2 * STRIDE_FLOATS));
  return [imagesAtOnce, rowsAtOnce, spare];
}
