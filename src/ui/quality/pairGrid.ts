/** Samples beside the training images nearest to them, in one canvas: where each pair stands. Pure. */
import { IMAGE_SIZE, NUM_PIXELS } from "../../config/hyperparameters.ts";
import { paintDigit } from "../digitGrid.ts";

/** In pixels of a digit: within a pair, and between pairs. */
const [WITHIN, BETWEEN] = [1, 6];
export const PAIR_WIDTH = 2 * IMAGE_SIZE + WITHIN;
const [PITCH_X, PITCH_Y] = [PAIR_WIDTH + BETWEEN, IMAGE_SIZE + BETWEEN];
/** What a pair has of the screen, at least. */
const MIN_SCREEN_WIDTH = 88;

export interface PairGrid {
  columns: number;
  rows: number;
  /** Of all of it, in pixels of a digit. */
  width: number;
  height: number;
}

/** As many columns as have room in `width` pixels of the screen. */
export function pairGrid(count: number, width: number): PairGrid {
  const columns = Math.max(1, Math.floor(width / MIN_SCREEN_WIDTH));
  const rows = Math.ceil(count / columns);
  return {
    ...{ columns, rows },
    width: columns * PITCH_X - BETWEEN,
    height: rows * PITCH_Y - BETWEEN,
  };
}

/** Upper left corner of a pair, in pixels of a digit. */
export function pairCorner(index: number, { columns }: PairGrid) {
  return {
    left: (index % columns) * PITCH_X,
    top: Math.floor(index / columns) * PITCH_Y,
  };
}

/** The pair at a place, in pixels of a digit, what is between them belonging to the one before; null for none. */
export function pairAt({ x, y }: { x: number; y: number }, grid: PairGrid, count: number) {
  const column = Math.floor(x / PITCH_X);
  const index = Math.floor(y / PITCH_Y) * grid.columns + column;
  return column >= 0 && column < grid.columns && index >= 0 && index < count ? index : null;
}

/** @param pixels `[count, 2, 28, 28]`, 0 to 255 */
export function paintPairs(rgba: Uint8ClampedArray, pixels: Uint8Array, grid: PairGrid): void {
  const numDigits = pixels.length / NUM_PIXELS;
  for (let digit = 0; digit < numDigits; digit++) {
    const { left, top } = pairCorner(digit >> 1, grid);
    const corner = { left: left + (digit % 2) * (IMAGE_SIZE + WITHIN), top };
    paintDigit(rgba, pixels.subarray(digit * NUM_PIXELS), { ...corner, width: grid.width });
  }
}
