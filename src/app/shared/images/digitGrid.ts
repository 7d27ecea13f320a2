/** Where the images of a batch stand in a grid, and their pixels in one image. Pure. */
import { GRID_GAP, IMAGE_SIZE, NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import type { ClassRows } from "../../../engine/config/snapshotSteps.ts";

/** What a cell of a grid holds. */
export interface CellShape {
  /** Images beside each other, one pixel apart. */
  images: number;
  /** Pixels to the next cell. */
  gap: number;
}

const ONE_IMAGE: CellShape = { images: 1, gap: GRID_GAP };

export interface GridLayout {
  columns: number;
  rows: number;
  /** Size of the whole grid, in pixels of an image. */
  width: number;
  height: number;
  cell: CellShape;
  /** Width of a cell without the gap. */
  cellWidth: number;
}

export function gridLayout(count: number, columns: number, cell = ONE_IMAGE): GridLayout {
  const rows = Math.ceil(count / columns);
  const cellWidth = cell.images * (IMAGE_SIZE + 1) - 1;
  const width = columns * (cellWidth + cell.gap) - cell.gap;
  const height = rows * (IMAGE_SIZE + cell.gap) - cell.gap;
  return { columns, rows, width, height, cell, cellWidth };
}

/** Upper left corner of a cell, in pixels of an image. */
export function cellCorner(index: number, { columns, cell, cellWidth }: GridLayout) {
  return {
    left: (index % columns) * (cellWidth + cell.gap),
    top: Math.floor(index / columns) * (IMAGE_SIZE + cell.gap),
  };
}

/** The classes in a row of a grid with rows by class: `7`, or `35–39` of many; by their names `bag`, or `coat, sandal`. */
export function classesInRow(
  row: number,
  count: number,
  { perClass, columns, names }: ClassRows,
): string {
  const classesPerRow = columns / perClass;
  const first = row * classesPerRow;
  const last = Math.min(first + classesPerRow, count / perClass) - 1;
  if (names) return names.slice(first, last + 1).join(", ");
  return first === last ? `${first}` : `${first}–${last}`;
}

/** The cell at a place, in pixels of an image; the gap belongs to the cell before. Null beside the grid. */
export function cellAt({ x, y }: { x: number; y: number }, layout: GridLayout): number | null {
  const { columns, rows, cell, cellWidth } = layout;
  const column = Math.floor(x / (cellWidth + cell.gap));
  const row = Math.floor(y / (IMAGE_SIZE + cell.gap));
  const isInside = column >= 0 && column < columns && row >= 0 && row < rows;
  return isInside ? row * columns + column : null;
}

/**
 * The grid with the largest digits in a box, and how many screen pixels one of theirs takes; a
 * grid without empty places is preferred to one whose digits would be an eighth larger.
 * The scale goes down to whole device pixels, so that all are equally large, unless that would
 * waste more than an eighth of the box.
 *
 * @param columns where the digits have an order; else null
 */
export function fitGrid(
  count: number,
  box: { width: number; height: number; devicePixelRatio: number },
  columns: number | null = null,
): GridLayout & { scale: number } {
  const options = Array.from({ length: columns ? 1 : count }, (_, i) => {
    const layout = gridLayout(count, columns ?? i + 1);
    return { ...layout, scale: Math.min(box.width / layout.width, box.height / layout.height) };
  });
  const largest = Math.max(...options.map(({ scale }) => scale));
  const numEmpty = (grid: GridLayout) => grid.columns * grid.rows - count;
  const [chosen] = options
    .filter(({ scale }) => scale >= 0.875 * largest)
    .sort((a, b) => numEmpty(a) - numEmpty(b) || b.scale - a.scale) as [(typeof options)[0]];
  const whole = Math.floor(chosen.scale * box.devicePixelRatio) / box.devicePixelRatio;
  return { ...chosen, scale: whole >= 0.875 * chosen.scale ? whole : chosen.scale };
}

/**
 * Writes images, `[count, 28, 28]` from 0 to 255, into the RGBA pixels of the grid, as many as it
 * has room for; what lies between them stays as it is.
 */
export function paintDigits(rgba: Uint8ClampedArray, pixels: Uint8Array, layout: GridLayout): void {
  const { images } = layout.cell;
  const room = layout.columns * layout.rows * images;
  const count = Math.min(room, Math.floor(pixels.length / NUM_PIXELS));
  let from = 0;
  for (let image = 0; image < count; image++) {
    const { left, top } = cellCorner(Math.floor(image / images), layout);
    const first = top * layout.width + left + (image % images) * (IMAGE_SIZE + 1);
    for (let y = 0; y < IMAGE_SIZE; y++) {
      let to = 4 * (first + y * layout.width);
      for (let x = 0; x < IMAGE_SIZE; x++) {
        const gray = pixels[from++] ?? 0;
        rgba[to++] = gray;
        rgba[to++] = gray;
        rgba[to++] = gray;
        rgba[to++] = 255;
      }
    }
  }
}
