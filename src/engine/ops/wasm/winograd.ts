import type { ConvOptions } from "../kernel.ts";
import type { Address } from "./module.ts";
import type { ConvForm, KernelGradientForm, PaddedImages } from "./paddedImages.ts";
import type { Workspace } from "./workspace.ts";

/** Sides of a tile of the output, and elements of a transformed one. */
export const TILE = 4;
const ELEMENTS = 36;

/** So much of the transformed inputs is there at once that they stay in a core's second cache. */
const FLOATS_AT_ONCE = 2 ** 16;

/** Fewer would read the kernel, or write its gradient, too often: with 256 to 128 channels, 22 ms instead of 12. */
const MIN_TILES_AT_ONCE = 16;

/** What `elementStride` in `assembly/` adds at most. */
const STRIDE_FLOATS = (4096 + 256) / 4;

/** Whether the functions below can do it; where they can, they are faster. */
export function takesWinograd(
  kernelSize: number,
  { x0, x1 }: Pick<ConvOptions, "x0" | "x1">,
  numOut: number,
): boolean {
  const numIn = (x0.shape[3] as number) + (x1?.shape[3] ?? 0);
  return kernelSize === 3 && numIn % 4 === 0 && numOut % 8 === 0;
}

export const winogradConv: ConvForm = (workspace, images, { packed, biasRow, numOut, places }) => {
  const { module } = workspace;
  const { height, width, numChannels } = images;
  const transformed = workspace.scratch(ELEMENTS * numChannels * numOut);
  module.winogradKernel(packed, transformed, numOut, numChannels);
  const sizes = [height, width, numChannels, numOut, ...tilesAtOnce(workspace, images)];
  for (const chunk of images.chunks) {
    const { addend, output } = places(chunk);
    const given = [chunk.images, transformed, biasRow, addend, output];
    module.winogradConv(...given, chunk.numImages, ...sizes);
  }
};

export const winogradKernelGradient: KernelGradientForm = (
  workspace,
  images,
  { dKernel, numOut, dyOf },
) => {
  const { module } = workspace;
  const { height, width, numChannels } = images;
  const sums = workspace.scratch(ELEMENTS * numChannels * numOut);
  module.fillZeros(sums, ELEMENTS * numChannels * numOut);
  const sizes = [height, width, numChannels, numOut, ...tilesAtOnce(workspace, images)];
  for (const chunk of images.chunks) {
    module.winogradKernelGradient(chunk.images, dyOf(chunk), sums, chunk.numImages, ...sizes);
  }
  module.winogradKernelOfSums(sums, dKernel, numChannels * numOut);
};

/** Images and rows of tiles at once, and memory for them. */
function tilesAtOnce(
  workspace: Workspace,
  { height, width, numChannels }: PaddedImages,
): [imagesAtOnce: number, rowsAtOnce: number, spare: Address] {
  const tilesPerRow = Math.ceil(width / TILE);
  const numRows = Math.ceil(height / TILE);
  const tiles = Math.max(MIN_TILES_AT_ONCE, FLOATS_AT_ONCE / (ELEMENTS * numChannels));
  const rows = Math.max(1, Math.floor(tiles / tilesPerRow));
  const imagesAtOnce = Math.max(1, Math.floor(rows / numRows));
  const rowsAtOnce = Math.min(rows, numRows);
  const numTiles = Math.ceil((imagesAtOnce * rowsAtOnce * tilesPerRow) / 4) * 4;
  const matrices = ELEMENTS * ((numChannels + 8) * numTiles + 2 * STRIDE_FLOATS);
  const sixRows = 6 * (TILE * tilesPerRow + 2) * numChannels;
  return [imagesAtOnce, rowsAtOnce, workspace.scratch(sixRows + matrices)];
}
