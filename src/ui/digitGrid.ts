/** Where the digits of a batch stand, and their pixels in one image. Pure. */
import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";

/** Between digits, in pixels of a digit. */
export const GAP = 2;

export interface GridLayout {
  columns: number;
  rows: number;
  /** Of the whole grid, in pixels of a digit. */
  width: number;
  height: number;
}

export function gridLayout(count: number, columns: number): GridLayout {
  const rows = Math.ceil(count / columns);
  const side = (n: number) => n * (IMAGE_SIZE + GAP) - GAP;
  return { columns, rows, width: side(columns), height: side(rows) };
}

/**
 * The grid with the largest digits in a box, and how many screen pixels one of theirs takes; a
 * grid without empty places is preferred to one whose digits would be an eighth larger.
 * The scale goes down to whole device pixels, so that all are equally large, unless that would
 * waste more than an eighth of the box.
 */
export function fitGrid(
  count: number,
  box: { width: number; height: number; devicePixelRatio: number },
): GridLayout & { scale: number } {
  const options = Array.from({ length: count }, (_, i) => {
    const layout = gridLayout(count, i + 1);
    return {
      ...layout,
      scale: Math.min(box.width / layout.width, box.height / layout.height),
    };
  });
  const largest = Math.max(...options.map(({ scale }) => scale));
  const good = options.filter(({ scale }) => scale >= 0.875 * largest);
  const numEmpty = (grid: GridLayout) => grid.columns * grid.rows - count;
  const chosen = good.reduce((best, option) => {
    const better = numEmpty(best) - numEmpty(option) || option.scale - best.scale;
    return better > 0 ? option : best;
  });
  return { ...chosen, scale: wholeScale(chosen.scale, box.devicePixelRatio) };
}

function wholeScale(scale: number, devicePixelRatio: number): number {
  const whole = Math.floor(scale * devicePixelRatio) / devicePixelRatio;
  return whole >= 0.875 * scale ? whole : scale;
}

/**
 * Writes the digits, `[count, 28, 28]` from 0 to 255, into the RGBA pixels of the grid; what lies
 * between them stays as it is.
 */
export function paintDigits(rgba: Uint8ClampedArray, pixels: Uint8Array, layout: GridLayout): void {
  const count = Math.floor(pixels.length / NUM_PIXELS);
  for (let digit = 0; digit < count; digit++) {
    paintDigit(rgba, pixels.subarray(digit * NUM_PIXELS), {
      left: (digit % layout.columns) * (IMAGE_SIZE + GAP),
      top: Math.floor(digit / layout.columns) * (IMAGE_SIZE + GAP),
      width: layout.width,
    });
  }
}

/**
 * Writes the first digit of `pixels` into RGBA pixels.
 *
 * @param at its upper left corner in an image that is `width` pixels wide
 */
export function paintDigit(
  rgba: Uint8ClampedArray,
  pixels: Uint8Array,
  at: { left: number; top: number; width: number },
): void {
  let from = 0;
  for (let y = 0; y < IMAGE_SIZE; y++) {
    let to = 4 * ((at.top + y) * at.width + at.left);
    for (let x = 0; x < IMAGE_SIZE; x++) {
      const gray = pixels[from++] ?? 0;
      rgba[to++] = gray;
      rgba[to++] = gray;
      rgba[to++] = gray;
      rgba[to++] = 255;
    }
  }
}
