/** A digit drawn by hand, as MNIST has them. Pure. */
import { IMAGE_SIZE, NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";

/** A drawing of nothing, `[28, 28]`. */
export const BLANK = new Uint8Array(NUM_PIXELS);

/** Points of one line, `x, y, x, y, …`, from 0 to 1. */
export type Stroke = readonly number[];

/** Side of the box that MNIST's digits fill, in pixels. */
const BOX = 20;
/** Radius of the pen, and how wide its edge fades out, in pixels. */
const RADIUS = 1.4;
const FADE = 1.1;
/** Drawings smaller than this share of the pad are dots, which are not enlarged. */
const MIN_EXTENT = 0.06;

type Picture = Uint8Array<ArrayBuffer> | null;

/** By strokes, which are immutable: several parts of the page look at the newest. */
const fittedPictures = new WeakMap<readonly Stroke[], Picture>();
const picturesInPlace = new WeakMap<readonly Stroke[], Picture>();

/**
 * The picture of what was drawn, `[28, 28]`, 0 black to 255 white: as large as MNIST's digits (the
 * longer side is 20 pixels), with its center of mass in the middle, and by a pen of their width
 * (LeCun et al. 1998). Null when nothing is drawn.
 */
export function drawingPixels(strokes: readonly Stroke[]): Picture {
  return once(fittedPictures, strokes, drawn);
}

/** The same without moving or enlarging it, for a drawing of which a part is missing still. */
export function drawingInPlace(strokes: readonly Stroke[]): Picture {
  return once(picturesInPlace, strokes, (lines) =>
    painted(lines.map((stroke) => stroke.map((value) => value * IMAGE_SIZE))),
  );
}

function once(
  known: WeakMap<readonly Stroke[], Picture>,
  strokes: readonly Stroke[],
  draw: (lines: readonly Stroke[]) => Picture,
): Picture {
  const before = known.get(strokes);
  if (before !== undefined) return before;
  const lines = strokes.filter(({ length }) => length >= 2);
  const pixels = lines.length === 0 ? null : draw(lines);
  known.set(strokes, pixels);
  return pixels;
}

function drawn(lines: readonly Stroke[]): Picture {
  const inBox = fitted(lines);
  const mass = centerOfMass(painted(inBox));
  const within = ([from, to]: readonly [number, number], shift: number) =>
    Math.max(RADIUS - from, Math.min(IMAGE_SIZE - RADIUS - to, shift));
  const shifts = [0, 1].map((axis) =>
    within(extentOf(inBox, axis), IMAGE_SIZE / 2 - (mass[axis] as number)),
  );
  return painted(inBox.map((stroke) => stroke.map((value, i) => value + (shifts[i % 2] ?? 0))));
}

/** In pixels, with the middle of its extent in the middle. */
function fitted(strokes: readonly Stroke[]): Stroke[] {
  const extents = [0, 1].map((axis) => extentOf(strokes, axis));
  const longer = Math.max(...extents.map(([from, to]) => to - from));
  const scale = longer < MIN_EXTENT ? IMAGE_SIZE : (BOX - 2 * RADIUS) / longer;
  return strokes.map((stroke) =>
    stroke.map((value, i) => {
      const [from, to] = extents[i % 2] as [number, number];
      return IMAGE_SIZE / 2 + (value - (from + to) / 2) * scale;
    }),
  );
}

function extentOf(strokes: readonly Stroke[], axis: number): readonly [number, number] {
  const values = strokes.flatMap((stroke) => stroke.filter((_, i) => i % 2 === axis));
  return [Math.min(...values), Math.max(...values)];
}

/** White where the pen was, gray at its edge. Strokes in pixels. */
function painted(strokes: readonly Stroke[]): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(NUM_PIXELS);
  for (const line of strokes.flatMap(linesOf)) paintLine(pixels, line);
  return pixels;
}

export type Line = readonly [x1: number, y1: number, x2: number, y2: number];

/** Each pixel that the pen touches on the way keeps the lightest gray that it had. */
function paintLine(pixels: Uint8Array, line: Line): void {
  const [x1, y1, x2, y2] = line;
  const reach = RADIUS + FADE / 2;
  const first = (a: number, b: number) => Math.max(0, Math.floor(Math.min(a, b) - reach));
  const last = (a: number, b: number) => Math.min(IMAGE_SIZE - 1, Math.max(a, b) + reach);
  for (let row = first(y1, y2); row <= last(y1, y2); row++) {
    for (let column = first(x1, x2); column <= last(x1, x2); column++) {
      const cover = (reach - distanceToLine([column + 0.5, row + 0.5], line)) / FADE;
      const gray = Math.round(255 * Math.min(1, Math.max(0, cover)));
      const i = row * IMAGE_SIZE + column;
      if (gray > (pixels[i] as number)) pixels[i] = gray;
    }
  }
}

/** The lines from each point of a stroke to the next, and at its last a dot. */
export function linesOf(stroke: Stroke): Line[] {
  return Array.from({ length: stroke.length / 2 }, (_, point): Line => {
    const i = 2 * point;
    const [x, y] = [stroke[i] as number, stroke[i + 1] as number];
    return [x, y, stroke[i + 2] ?? x, stroke[i + 3] ?? y];
  });
}

/** How far a place is from the nearest point of a line. */
export function distanceToLine([x, y]: readonly [number, number], [x1, y1, x2, y2]: Line): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / length2;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

function centerOfMass(pixels: Uint8Array): [number, number] {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (const [i, value] of pixels.entries()) {
    sum += value;
    sumX += value * ((i % IMAGE_SIZE) + 0.5);
    sumY += value * (Math.floor(i / IMAGE_SIZE) + 0.5);
  }
  return sum === 0 ? [IMAGE_SIZE / 2, IMAGE_SIZE / 2] : [sumX / sum, sumY / sum];
}
