import { describe, expect, it } from "vitest";
import { grayPng } from "../../../../../src/engine/formats/pictures/grayPng.ts";
import {
  enlarged,
  gridColumns,
  imageGrid,
} from "../../../../../src/engine/formats/pictures/imageGrid.ts";
import { readGrayPng } from "../pngReading.ts";

/** `count` images of 2 x 3 pixels with the values 10, 11, … 15, then 20, 21, … */
function images(count: number): Uint8Array {
  return Uint8Array.from({ length: 6 * count }, (_, i) => 10 * (1 + Math.floor(i / 6)) + (i % 6));
}

const SIZE = { width: 3, height: 2 };

describe("a grid of images", () => {
  it("has them from the left, row after row, black between them and where there is none", () => {
    const grid = imageGrid({ images: images(3), ...SIZE, columns: 2, gap: 1 });
    expect(grid).toMatchObject({ width: 7, height: 5 });
    expect([...grid.pixels]).toEqual([
      ...[10, 11, 12, 0, 20, 21, 22],
      ...[13, 14, 15, 0, 23, 24, 25],
      ...[0, 0, 0, 0, 0, 0, 0],
      ...[30, 31, 32, 0, 0, 0, 0],
      ...[33, 34, 35, 0, 0, 0, 0],
    ]);
  });

  it("is the image itself when there is one", () => {
    const grid = imageGrid({ images: images(1), ...SIZE, columns: 1, gap: 5 });
    expect(grid).toEqual({ ...SIZE, pixels: images(1) });
  });

  it("has images above each other without a gap in their own order", () => {
    const grid = imageGrid({ images: images(4), ...SIZE, columns: 1, gap: 0 });
    expect(grid).toEqual({ width: 3, height: 8, pixels: images(4) });
  });
});

it("an image is saved as a gray PNG of the same pixels", () => {
  const image = { ...SIZE, pixels: Uint8Array.of(0, 1, 127, 128, 254, 255) };
  expect(readGrayPng(grayPng(image))).toEqual(image);
});

describe("the columns of a grid", () => {
  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [6, 3],
    [8, 4],
    [32, 8],
    [100, 10],
    // A prime leaves places empty; 11 x 2 would be too flat.
    [7, 3],
    [22, 5],
  ])("are for %i images %i", (count, columns) => {
    expect(gridColumns(count)).toBe(columns);
  });
});

describe("an enlarged image", () => {
  it("has a square of whole pixels for each", () => {
    const large = enlarged({ width: 2, height: 2, pixels: Uint8Array.of(1, 2, 3, 4) }, 2);
    expect(large).toEqual({
      width: 4,
      height: 4,
      pixels: Uint8Array.from([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]),
    });
  });
});
