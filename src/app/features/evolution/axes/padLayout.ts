/** Where the places of both axes lie on the pad, and the pictures that show some of them. Pure. */
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";

/** From the pad's edge to its first and last places, in CSS pixels: half a picture. */
const PAD_INSET = 14;
const GAP = 2;

interface PadPicture {
  index: number;
  frame: number;
  /** Its middle. */
  x: number;
  y: number;
}

export interface PadLayout {
  width: number;
  height: number;
  numSnapshots: number;
  axis: number;
  /** Side of a picture, in CSS pixels. */
  cell: number;
  /** Each of a place of its own: where not all have room, of as many as do, evenly chosen. */
  pictures: readonly PadPicture[];
  /** The middle of a place, from the pad's upper left corner. */
  placeOf(index: number, frame: number): { x: number; y: number };
}

export function padLayout(options: {
  numSnapshots: number;
  axis: number;
  width: number;
  height: number;
}): PadLayout {
  const { numSnapshots, axis, width, height } = options;
  const cell = 2 * PAD_INSET - GAP;
  const most = (side: number) => Math.max(1, Math.floor((side + GAP) / (cell + GAP)));
  const along = (value: number, count: number, side: number) =>
    PAD_INSET + (count > 1 ? value / (count - 1) : 1) * Math.max(0, side - 2 * PAD_INSET);
  const indices = evenIndices(numSnapshots, most(width));
  const frames = evenIndices(axis, most(height));
  return {
    ...options,
    cell,
    pictures: frames.flatMap((frame, row) =>
      indices.map((index, column) => ({
        index,
        frame,
        x: along(column, indices.length, width),
        y: along(row, frames.length, height),
      })),
    ),
    placeOf: (index, frame) => ({
      x: along(index, numSnapshots, width),
      y: along(frame, axis, height),
    }),
  };
}

/** The place nearest to a point of the pad; also of one beyond its edges. */
export function padPlaceAt(
  { width, height, numSnapshots, axis }: PadLayout,
  x: number,
  y: number,
): { index: number; frame: number } {
  const along = (at: number, count: number, side: number) =>
    Math.round(
      Math.min(1, Math.max(0, (at - PAD_INSET) / Math.max(1, side - 2 * PAD_INSET))) * (count - 1),
    );
  return { index: along(x, numSnapshots, width), frame: along(y, axis, height) };
}
