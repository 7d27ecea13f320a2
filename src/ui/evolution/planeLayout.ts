/** Where the pictures of one digit's plane stand: rows of snapshots, columns of denoising steps. Pure. */

import { IMAGE_SIZE } from "../../config/hyperparameters.ts";

export interface PlaneLayout {
  /** Side of a place, in CSS pixels; its picture is `gap` smaller. */
  cell: number;
  gap: number;
  /** Places on the denoising axis that are drawn; all where there is room. */
  columns: readonly number[];
  numRows: number;
  /** The rows go on in another block beside, as the lines of a newspaper do. */
  rowsPerBlock: number;
  numBlocks: number;
  width: number;
  height: number;
}

/** For the training step before a row, and for the timesteps above the columns, in CSS pixels. */
export const ROW_HEAD = 46;
const COLUMN_HEAD = 22;
const BLOCK_GAP = 14;
/** Below it a digit can no longer be made out. */
const MIN_CELL = 12;
const MAX_CELL = 4 * (IMAGE_SIZE + 1);
const MAX_BLOCKS = 12;
/** Fewer blocks are easier to read, so they may have pictures that are so much smaller. */
const WORTH_A_BLOCK = 0.85;

/**
 * Nearly the largest pictures with which all rows are to be seen in a box; where those would be too small,
 * the smallest good ones, and it is higher than the box. Of more steps than have room every n-th
 * is drawn.
 */
export function planeLayout(options: {
  numRows: number;
  numColumns: number;
  width: number;
  height: number;
}): PlaneLayout {
  const { numRows, numColumns, width, height } = options;
  const maxColumns = Math.max(2, Math.floor((width - ROW_HEAD) / MIN_CELL));
  const columns = spread(numColumns, maxColumns);
  const laidOut = (numBlocks: number, cell: number): PlaneLayout => {
    const rowsPerBlock = Math.ceil(numRows / numBlocks);
    const blocks = Math.ceil(numRows / rowsPerBlock);
    return {
      ...{ cell, gap: cell < 2 * MIN_CELL ? 1 : 2 },
      ...{ columns, numRows, rowsPerBlock, numBlocks: blocks },
      width: blocks * (ROW_HEAD + columns.length * cell + BLOCK_GAP) - BLOCK_GAP,
      height: COLUMN_HEAD + rowsPerBlock * cell,
    };
  };
  const cellOf = (numBlocks: number) => {
    const blockWidth = (width + BLOCK_GAP) / numBlocks - BLOCK_GAP;
    const byWidth = (blockWidth - ROW_HEAD) / columns.length;
    const byHeight = (height - COLUMN_HEAD) / Math.ceil(numRows / numBlocks);
    return { byWidth: Math.floor(byWidth), all: Math.floor(Math.min(byWidth, byHeight, MAX_CELL)) };
  };
  const numbers = Array.from({ length: MAX_BLOCKS }, (_, i) => i + 1);
  const largest = Math.max(...numbers.map((n) => cellOf(n).all));
  const fewest = numbers.find((n) => cellOf(n).all >= WORTH_A_BLOCK * largest);
  if (fewest && largest >= MIN_CELL) return laidOut(fewest, cellOf(fewest).all);
  const narrowest = numbers.findLast((n) => cellOf(n).byWidth >= MIN_CELL) ?? 1;
  return laidOut(narrowest, Math.min(MAX_CELL, Math.max(MIN_CELL, cellOf(narrowest).byWidth)));
}

/** The plane as it is exported: one block, all steps, pictures in their own size. */
export function wholePlane(numRows: number, numColumns: number): PlaneLayout {
  const gap = 2;
  const cell = IMAGE_SIZE + gap;
  return {
    ...{ cell, gap, numRows, rowsPerBlock: numRows, numBlocks: 1 },
    columns: spread(numColumns, numColumns),
    width: ROW_HEAD + numColumns * cell,
    height: COLUMN_HEAD + numRows * cell,
  };
}

/** Upper left corner of the picture of a row and an entry of `columns`. */
export function cellPlace(layout: PlaneLayout, row: number, column: number) {
  const { cell, columns, rowsPerBlock } = layout;
  const block = Math.floor(row / rowsPerBlock);
  return {
    x: block * (ROW_HEAD + columns.length * cell + BLOCK_GAP) + ROW_HEAD + column * cell,
    y: COLUMN_HEAD + (row % rowsPerBlock) * cell,
  };
}

/** The row and the entry of `columns` at, or nearest to, a place of the picture. */
export function cellAt(layout: PlaneLayout, x: number, y: number): { row: number; column: number } {
  const { cell, columns, rowsPerBlock, numBlocks, numRows } = layout;
  const blockWidth = ROW_HEAD + columns.length * cell + BLOCK_GAP;
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  const block = within(Math.floor(x / blockWidth), numBlocks);
  const rowInBlock = within(Math.floor((y - COLUMN_HEAD) / cell), rowsPerBlock);
  return {
    row: within(block * rowsPerBlock + rowInBlock, numRows),
    column: within(Math.floor((x - block * blockWidth - ROW_HEAD) / cell), columns.length),
  };
}

/** The entry of `columns` that shows a place of the denoising axis, or the nearest to it. */
export function columnOf({ columns }: PlaneLayout, frame: number): number {
  return columns.reduce(
    (best, at, column) =>
      Math.abs(at - frame) < Math.abs((columns[best] as number) - frame) ? column : best,
    0,
  );
}

/** How far a box is scrolled so that a stretch of what is in it is seen; no further than need be. */
export function scrolledTo(
  { scrollTop, clientHeight }: Pick<HTMLElement, "scrollTop" | "clientHeight">,
  { from, to }: { from: number; to: number },
): number {
  return Math.max(to - clientHeight, Math.min(scrollTop, from));
}

/** At most `most` of the numbers below `count`, evenly spread, the first and the last among them. */
export function spread(count: number, most: number): number[] {
  const length = Math.min(count, most);
  if (length < 2) return length === 1 ? [count - 1] : [];
  return Array.from({ length }, (_, i) => Math.round((i * (count - 1)) / (length - 1)));
}
