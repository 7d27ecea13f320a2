import { IMAGE_SIZE, NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import { grayPng } from "../../engine/formats/pictures/grayPng.ts";
import { enlarged, GAP, gridColumns, imageGrid } from "../../engine/formats/pictures/imageGrid.ts";

/** As long as the longer side gets, about: a screen's height, twice. */
const SIDE = 2 * 900;

/**
 * Digits as one picture, enlarged by whole pixels.
 *
 * @param digits.pixels `[count, 28, 28]`, 0 black to 255 white
 * @param digits.columns a grid about as wide as high when left out
 */
export function digitsPng(digits: {
  pixels: Uint8Array;
  columns?: number;
}): Uint8Array<ArrayBuffer> {
  const { pixels } = digits;
  const count = pixels.length / NUM_PIXELS;
  const grid = imageGrid({
    images: pixels,
    width: IMAGE_SIZE,
    height: IMAGE_SIZE,
    gap: GAP,
    columns: digits.columns ?? gridColumns(count),
  });
  const scale = Math.max(1, Math.floor(SIDE / Math.max(grid.width, grid.height)));
  return grayPng(enlarged(grid, scale));
}
