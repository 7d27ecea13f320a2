/** The layout of one digit's plane: rows of snapshots, columns of denoising steps. Pure. */
import { IMAGE_SIZE } from "../../../../engine/config/hyperparameters.ts";
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";

export interface PlaneLayout {
  /** Side of a picture, in CSS pixels. */
  picture: number;
  /** Distance from one picture to the next, across and down, in CSS pixels; more than a picture's side. */
  pitch: { x: number; y: number };
  /** Places on the denoising axis that are drawn; all where there is room. */
  columns: readonly number[];
  numRows: number;
  /** The rows continue in further blocks beside the first, like the columns of a newspaper. */
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
const MAX_CELL = 6 * (IMAGE_SIZE + 1);
const MAX_BLOCKS = 12;

/** Extra room spreads the pictures, at most to this multiple of their size. */
const MOST_APART = 1.6;

/** A layout that fills more of the box may have pictures smaller by this factor. */
const WORTH_FILLING = 0.85;

/**
 * Nearly the largest pictures with which all rows fit into a box, spread over it. Where those would be
 * too small, the smallest legible ones, and the plane is higher than the box. Columns are left out where
 * not all have room.
 *
 * @param height of the box; infinite where the plane may be as high as it needs to be
 */
export function planeLayout(options: {
  numRows: number;
  numColumns: number;
  width: number;
  height: number;
}): PlaneLayout {
  const { numRows, numColumns, width, height } = options;
  const maxColumns = Math.max(2, Math.floor((width - ROW_HEAD) / MIN_CELL));
  const columns = evenIndices(numColumns, maxColumns);
  const candidates = Array.from({ length: MAX_BLOCKS }, (_, i) => {
    const numBlocks = i + 1;
    const blockWidth = (width + BLOCK_GAP) / numBlocks - BLOCK_GAP;
    const x = Math.floor((blockWidth - ROW_HEAD) / columns.length);
    const y = Math.floor((height - COLUMN_HEAD) / Math.ceil(numRows / numBlocks));
    return { numRows, columns, numBlocks, cell: Math.min(x, y, MAX_CELL), room: { x, y } };
  });
  const largest = Math.max(...candidates.map(({ cell }) => cell));
  const [fullest] = candidates
    .filter(({ cell }) => largest >= MIN_CELL && cell >= WORTH_FILLING * largest)
    .map(laidOut)
    .sort((a, b) => b.width * b.height - a.width * a.height);
  if (fullest) return fullest;
  const narrow = candidates.findLast(({ room }) => room.x >= MIN_CELL) ?? candidates[0];
  const { numBlocks, room } = narrow as (typeof candidates)[0];
  const cell = Math.min(MAX_CELL, Math.max(MIN_CELL, room.x));
  return laidOut({ numRows, columns, numBlocks, cell });
}

/** The plane as it is exported: one block, all steps, pictures in their own size. */
export function wholePlane(numRows: number, numColumns: number): PlaneLayout {
  const columns = evenIndices(numColumns, numColumns);
  return laidOut({ numRows, columns, numBlocks: 1, cell: IMAGE_SIZE + 2 });
}

/**
 * @param options.cell a picture with its gap
 * @param options.room how far apart the pictures may stand, at most; may be infinite
 */
function laidOut(options: {
  numRows: number;
  columns: readonly number[];
  numBlocks: number;
  cell: number;
  room?: { x: number; y: number };
}): PlaneLayout {
  const { numRows, columns, numBlocks, cell, room } = options;
  const rowsPerBlock = Math.ceil(numRows / numBlocks);
  const apart = (side = cell) =>
    Number.isFinite(side) ? Math.min(side, Math.floor(MOST_APART * cell)) : cell;
  const layout = {
    picture: cell - (cell < 2 * MIN_CELL ? 1 : 2),
    pitch: { x: apart(room?.x), y: apart(room?.y) },
    columns,
    numRows,
    rowsPerBlock,
    numBlocks: Math.ceil(numRows / rowsPerBlock),
  };
  return {
    ...layout,
    width: layout.numBlocks * blockPitch(layout) - BLOCK_GAP,
    height: COLUMN_HEAD + rowsPerBlock * layout.pitch.y,
  };
}

/** Upper left corner of the picture of a row and an entry of `columns`, in the middle of its room. */
export function cellPlace(layout: PlaneLayout, row: number, column: number) {
  const { picture, pitch, rowsPerBlock } = layout;
  const block = Math.floor(row / rowsPerBlock);
  // The smallest gap, of one or two pixels, comes after the picture.
  const before = (room: number) => Math.floor((room - picture - 1) / 2);
  return {
    x: block * blockPitch(layout) + ROW_HEAD + column * pitch.x + before(pitch.x),
    y: COLUMN_HEAD + (row % rowsPerBlock) * pitch.y + before(pitch.y),
  };
}

/** The row and the entry of `columns` at, or nearest to, a place of the picture. */
export function cellAt(layout: PlaneLayout, x: number, y: number): { row: number; column: number } {
  const { pitch, columns, rowsPerBlock, numBlocks, numRows } = layout;
  const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  const block = within(Math.floor(x / blockPitch(layout)), numBlocks);
  const rowInBlock = within(Math.floor((y - COLUMN_HEAD) / pitch.y), rowsPerBlock);
  const xInBlock = x - block * blockPitch(layout) - ROW_HEAD;
  return {
    row: within(block * rowsPerBlock + rowInBlock, numRows),
    column: within(Math.floor(xInBlock / pitch.x), columns.length),
  };
}

/** Distance from one block to the next, in CSS pixels. */
function blockPitch({ pitch, columns }: Pick<PlaneLayout, "pitch" | "columns">): number {
  return ROW_HEAD + columns.length * pitch.x + BLOCK_GAP;
}

/** The entry of `columns` that shows a place of the denoising axis, or the nearest to it. */
export function columnOf({ columns }: PlaneLayout, frame: number): number {
  return columns.reduce(
    (best, at, column) =>
      Math.abs(at - frame) < Math.abs((columns[best] as number) - frame) ? column : best,
    0,
  );
}
