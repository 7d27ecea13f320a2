/** A digit drawn by hand, as MNIST has them. Pure. */
import { IMAGE_SIZE, NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";

/** Of nothing, `[28, 28]`. */
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

/**
 * The picture of what was drawn, `[28, 28]`, 0 black to 255 white: as large as MNIST's digits (the
 * longer side is 20 pixels), with its center of mass in the middle, and by a pen of their width
 * (LeCun et al. 1998). Null when nothing is drawn.
 */
export function drawingPixels(strokes: readonly Stroke[]): Uint8Array<ArrayBuffer> | null {
  const drawn = strokes.filter(({ length }) => length >= 2);
  if (drawn.length === 0) return null;
  const inBox = fitted(drawn);
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
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [(i % IMAGE_SIZE) + 0.5, Math.floor(i / IMAGE_SIZE) + 0.5];
    const distance = Math.min(...strokes.map((stroke) => distanceTo(stroke, x, y)));
    const cover = (RADIUS + FADE / 2 - distance) / FADE;
    pixels[i] = Math.round(255 * Math.min(1, Math.max(0, cover)));
  }
  return pixels;
}

/** From a point to the nearest of a line. */
function distanceTo(stroke: Stroke, x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < stroke.length; i += 2) {
    const [x1, y1] = [stroke[i] as number, stroke[i + 1] as number];
    const [dx, dy] = [(stroke[i + 2] ?? x1) - x1, (stroke[i + 3] ?? y1) - y1];
    const length2 = dx * dx + dy * dy;
    const along = length2 === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / length2;
    const share = Math.min(1, Math.max(0, along));
    least = Math.min(least, Math.hypot(x - x1 - share * dx, y - y1 - share * dy));
  }
  return least;
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
