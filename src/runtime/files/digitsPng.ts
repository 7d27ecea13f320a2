import { GRID_GAP, IMAGE_SIZE, NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import { grayPng } from "../../engine/formats/pictures/grayPng.ts";
import { enlarged, gridColumns, imageGrid } from "../../engine/formats/pictures/imageGrid.ts";

/** Pixels of the longer side, about: twice a screen's height. */
const SIDE = 2 * 900;

/**
 * Digits as one picture, enlarged by whole pixels.
 *
 * @param options.pixels `[count, 28, 28]`, 0 black to 255 white
 * @param options.columns those of a grid about as wide as high when left out
 */
export function digitsPng({
  pixels,
  columns = gridColumns(pixels.length / NUM_PIXELS),
}: {
  pixels: Uint8Array;
  columns?: number;
}): Uint8Array<ArrayBuffer> {
  const grid = imageGrid({
    images: pixels,
    width: IMAGE_SIZE,
    height: IMAGE_SIZE,
    gap: GRID_GAP,
    columns,
  });
  const scale = Math.max(1, Math.floor(SIDE / Math.max(grid.width, grid.height)));
  return grayPng(enlarged(grid, scale));
}
