import { describe, expect, it } from "vitest";
import { DEFAULT_DIGITS } from "../../../src/config/sampler.ts";
import { fitGrid, gridLayout, paintDigits } from "../../../src/ui/digitGrid.ts";

describe("fitGrid", () => {
  const square = { width: 620, height: 620, devicePixelRatio: 1 };

  it("makes a square of a square number in a square box", () => {
    expect(fitGrid(100, square)).toMatchObject({ columns: 10, rows: 10 });
  });

  it.each([
    [620, 620],
    [800, 600],
    [390, 520],
    [360, 640],
    // Of two generations beside each other, under captions of three lines.
    [373, 596],
    [900, 500],
  ])(
    "has no empty place for as many digits as are asked for first, in a box of %d x %d",
    (width, height) => {
      const { columns, rows } = fitGrid(DEFAULT_DIGITS, { width, height, devicePixelRatio: 1 });
      expect(columns * rows).toBe(DEFAULT_DIGITS);
    },
  );

  it("makes one row in a flat box", () => {
    expect(fitGrid(4, { width: 900, height: 60, devicePixelRatio: 1 })).toMatchObject({ rows: 1 });
  });

  it("stays inside the box", () => {
    for (let count = 1; count <= 100; count++) {
      const grid = fitGrid(count, { width: 523, height: 611, devicePixelRatio: 2 });
      expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
      expect(grid.width * grid.scale).toBeLessThanOrEqual(523 + 1e-6);
      expect(grid.height * grid.scale).toBeLessThanOrEqual(611 + 1e-6);
    }
  });

  it("prefers whole device pixels", () => {
    expect(fitGrid(1, { width: 100, height: 100, devicePixelRatio: 2 }).scale).toBe(3.5);
  });
});

describe("paintDigits", () => {
  it("puts each digit in its place, gray and opaque, and leaves the gaps alone", () => {
    const layout = gridLayout(3, 2); // 2 columns, 2 rows, 58 pixels wide
    const rgba = new Uint8ClampedArray(4 * layout.width * layout.height);
    const pixels = new Uint8Array(3 * 784);
    pixels
      .fill(10, 0, 784)
      .fill(20, 784, 2 * 784)
      .fill(30, 2 * 784);
    paintDigits(rgba, pixels, layout);
    const at = (x: number, y: number) => {
      const start = 4 * (y * layout.width + x);
      return [...rgba.subarray(start, start + 4)];
    };
    expect(at(0, 0)).toEqual([10, 10, 10, 255]);
    expect(at(30, 27)).toEqual([20, 20, 20, 255]);
    expect(at(27, 57)).toEqual([30, 30, 30, 255]);
    expect(at(28, 0)).toEqual([0, 0, 0, 0]);
    expect(at(57, 57)).toEqual([0, 0, 0, 0]);
  });
});
