import { describe, expect, it } from "vitest";
import {
  type Amounts,
  AUGMENTATIONS,
  type AugmentationId,
  augmentedDrawings,
  changedDrawing,
  defaultStrengths,
  variedImages,
} from "../../../../src/engine/data/augment.ts";
import { imageAt } from "../../../../src/engine/data/imageOrder.ts";
import { randomIntegers } from "../../../../src/engine/random.ts";

const SIZE = 28;
const IDS = Object.keys(AUGMENTATIONS) as AugmentationId[];
/** Three drawings in which no pixel is as another. */
const DRAWINGS = Uint8Array.from(
  randomIntegers({ seed: 0, stream: "noise", index: 0 }, 3 * SIZE ** 2, 256),
);

/** A drawing that is white within rows and columns, both ends included. */
function block(rows: readonly [number, number], columns: readonly [number, number]): Uint8Array {
  return Uint8Array.from({ length: SIZE ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / SIZE), i % SIZE];
    const isWithin = row >= rows[0] && row <= rows[1] && column >= columns[0];
    return isWithin && column <= columns[1] ? 255 : 0;
  });
}

function dot(row: number, column: number): Uint8Array {
  return block([row, row], [column, column]);
}

/** Rows and columns with ink of at least half a pixel, `[top, bottom, left, right]`. */
function inkBounds(image: Uint8Array): number[] {
  const places = [...image.keys()].filter((i) => (image[i] as number) >= 128);
  const rows = places.map((i) => Math.floor(i / SIZE));
  const columns = places.map((i) => i % SIZE);
  return [Math.min(...rows), Math.max(...rows), Math.min(...columns), Math.max(...columns)];
}

describe("augmented drawings", () => {
  it("are the drawings themselves, in turn, where no augmentation has strength", () => {
    const none = Object.fromEntries(IDS.map((id) => [id, 0]));
    for (const strengths of [none, {}]) {
      const same = augmentedDrawings({ drawings: DRAWINGS, count: 4, seed: 1, strengths });
      expect(same.subarray(0, DRAWINGS.length)).toEqual(DRAWINGS);
      expect(imageAt(same, 3)).toEqual(imageAt(DRAWINGS, 0));
    }
  });

  it.each(IDS)("follow from the seed and their number: %s alone", (id) => {
    const of = { drawings: DRAWINGS, strengths: { [id]: AUGMENTATIONS[id].strength } };
    const all = augmentedDrawings({ ...of, count: 6, seed: 1 });
    expect(augmentedDrawings({ ...of, count: 2, seed: 1, first: 4 })).toEqual(
      all.subarray(4 * SIZE ** 2),
    );
    expect(imageAt(all, 0)).not.toEqual(imageAt(all, 3));
    expect(imageAt(all, 0)).not.toEqual(imageAt(DRAWINGS, 0));
    expect(augmentedDrawings({ ...of, count: 6, seed: 2 })).not.toEqual(all);
  });

  it("keep most of their ink, within the image, with the strengths of the table", () => {
    const drawing = block([6, 21], [12, 15]);
    const ink = (image: Uint8Array) => image.reduce((sum, gray) => sum + gray, 0);
    const changed = augmentedDrawings({ drawings: drawing, count: 200, seed: 0 });
    const shares = Array.from({ length: 200 }, (_, i) => ink(imageAt(changed, i)) / ink(drawing));
    expect(Math.min(...shares)).toBeGreaterThan(0.55);
    expect(Math.max(...shares)).toBeLessThan(1.8);
    const mean = shares.reduce((sum, share) => sum + share) / 200;
    expect(mean).toBeGreaterThan(0.95);
    expect(mean).toBeLessThan(1.05);
  });

  it("use all of the strength to either side, and no more", () => {
    const turned = augmentedDrawings({
      drawings: dot(4, 23),
      count: 300,
      seed: 0,
      strengths: { turn: 30 },
    });
    const angles = Array.from({ length: 300 }, (_, i) => {
      const image = imageAt(turned, i);
      const center = [0, 0];
      let ink = 0;
      for (const [at, gray] of image.entries()) {
        ink += gray;
        center[0] = (center[0] as number) + gray * ((at % SIZE) - 13.5);
        center[1] = (center[1] as number) + gray * (Math.floor(at / SIZE) - 13.5);
      }
      const [x, y] = center.map((sum) => sum / ink) as [number, number];
      return (Math.atan2(y, x) * 180) / Math.PI + 45;
    });
    expect(Math.max(...angles)).toBeGreaterThan(28);
    expect(Math.max(...angles)).toBeLessThan(32);
    expect(Math.min(...angles)).toBeLessThan(-28);
    expect(Math.min(...angles)).toBeGreaterThan(-32);
  });

  it("need a drawing, and strengths of 0 or more", () => {
    const of = { drawings: DRAWINGS, count: 1, seed: 0 };
    expect(() => augmentedDrawings({ ...of, drawings: new Uint8Array() })).toThrow(RangeError);
    expect(() => augmentedDrawings({ ...of, drawings: new Uint8Array(100) })).toThrow(RangeError);
    expect(() => augmentedDrawings({ ...of, strengths: { turn: -1 } })).toThrow("turn, got -1");
    expect(() => augmentedDrawings({ ...of, strengths: { bend: Number.NaN } })).toThrow(RangeError);
  });

  it("have strengths that their entries allow", () => {
    for (const [id, strength] of Object.entries(defaultStrengths())) {
      expect(strength).toBeGreaterThan(0);
      expect(strength).toBeLessThanOrEqual(AUGMENTATIONS[id as AugmentationId].maxStrength);
    }
  });
});

describe("a changed drawing", () => {
  it.each<[string, Amounts, Uint8Array, Uint8Array]>([
    ["shifted right and up", { shift: [3, -2] }, dot(10, 10), dot(8, 13)],
    ["turned clockwise by a quarter", { turn: [90] }, dot(5, 20), dot(20, 22)],
    ["slanted to the right", { shear: [(Math.atan(2) * 180) / Math.PI] }, dot(9, 14), dot(9, 23)],
    ["thicker by a pixel", { thickness: [1] }, block([5, 20], [10, 10]), thickLine()],
    ["thinner by a pixel", { thickness: [-1] }, block([5, 20], [10, 13]), block([6, 19], [11, 12])],
  ])("has a known pixel where it belongs: %s", (_, amounts, drawing, expected) => {
    expect(changedDrawing(drawing, amounts)).toEqual(expected);
  });

  it("is read between pixels, and black beyond the edge", () => {
    const half = changedDrawing(dot(10, 10), { shift: [0.5, 0] });
    expect([half[10 * SIZE + 10], half[10 * SIZE + 11]]).toEqual([128, 128]);
    const white = new Uint8Array(SIZE ** 2).fill(255);
    expect(inkBounds(changedDrawing(white, { shift: [5, -3] }))).toEqual([0, 24, 5, 27]);
  });

  it("is as much wider and taller as asked, or narrower", () => {
    const square = block([10, 17], [10, 17]);
    expect(inkBounds(changedDrawing(square, { scale: [100, 50] }))).toEqual([8, 19, 6, 21]);
    expect(inkBounds(changedDrawing(square, { scale: [-100, 0] }))).toEqual([10, 17, 12, 15]);
  });

  it("has half of the change of its edge for half a pixel", () => {
    const line = changedDrawing(block([0, 27], [10, 11]), { thickness: [0.5] });
    expect([...line.subarray(14 * SIZE + 8, 14 * SIZE + 14)]).toEqual([0, 128, 255, 255, 128, 0]);
  });

  it("is read once where several augmentations come together, in the order of the table", () => {
    const angle = Math.PI / 6;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const drawing = imageAt(DRAWINGS, 0);
    const gray = (row: number, column: number) =>
      row >= 0 && row < SIZE && column >= 0 && column < SIZE
        ? (drawing[row * SIZE + column] as number)
        : 0;
    const changed = changedDrawing(drawing, { turn: [30], scale: [20, 0], shift: [2.25, 0] });
    for (const [row, column] of [
      [14, 14],
      [9, 17],
      [20, 8],
    ] as const) {
      // Back from the shift, then from the scale, then from the turn.
      const [x, y] = [(column - 13.5 - 2.25) / 1.2, row - 13.5];
      const [fromX, fromY] = [cos * x + sin * y + 13.5, cos * y - sin * x + 13.5];
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [u, v] = [fromX - left, fromY - top];
      const upper = (1 - u) * gray(top, left) + u * gray(top, left + 1);
      const lower = (1 - u) * gray(top + 1, left) + u * gray(top + 1, left + 1);
      const expected = (1 - v) * upper + v * lower;
      expect(Math.abs((changed[row * SIZE + column] as number) - expected)).toBeLessThan(0.51);
    }
  });

  it("is bent by as many pixels as the strength says, smoothly, at its edges as in its middle", () => {
    // Of a ramp of 8 gray levels a pixel the change tells the displacement.
    const ramp = Uint8Array.from({ length: SIZE ** 2 }, (_, i) => 16 + 8 * (i % SIZE));
    const count = 250;
    const strengths = { bend: 1 };
    const bent = augmentedDrawings({ drawings: ramp, count, seed: 0, strengths });
    const displacement = (i: number, row: number, column: number) =>
      ((imageAt(bent, i)[row * SIZE + column] as number) - 16) / 8 - column;
    const rootMeanSquare = (row: number, difference: 0 | 1) => {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        for (let column = 6; column < 22; column++) {
          const here = displacement(i, row, column);
          sum += (difference ? here - displacement(i, row, column + 1) : here) ** 2;
        }
      }
      return Math.sqrt(sum / (16 * count));
    };
    for (const row of [4, 14]) {
      expect(rootMeanSquare(row, 0)).toBeGreaterThan(0.85);
      expect(rootMeanSquare(row, 0)).toBeLessThan(1.15);
      // A field of deviation s, smoothed with width 4, changes by s / (4 √2) a pixel.
      expect(rootMeanSquare(row, 1)).toBeLessThan(0.22);
    }
  });
});

describe("the varied images of a small set", () => {
  it("are its images in turn, changed, with their labels, and are told as they come", () => {
    const images = { images: DRAWINGS, labels: Uint8Array.of(4, 0, 2), count: 3 };
    const told: number[] = [];
    const varied = variedImages(images, 1100, 5, (numDone) => told.push(numDone));
    expect(varied.count).toBe(1100);
    expect([...varied.labels.subarray(0, 5)]).toEqual([4, 0, 2, 4, 0]);
    const drawings = augmentedDrawings({ drawings: DRAWINGS, count: 1100, seed: 5 });
    // At once: one by one a million numbers take seconds.
    expect(Buffer.compare(varied.images, drawings)).toBe(0);
    expect(told.at(-1)).toBe(1100);
    expect(told.length).toBeGreaterThan(1);
  });
});

/** A line of one pixel's width after a dilation: the corners of a plus are not filled. */
function thickLine(): Uint8Array {
  const wide = block([5, 20], [9, 11]);
  wide[4 * SIZE + 10] = 255;
  wide[21 * SIZE + 10] = 255;
  return wide;
}
