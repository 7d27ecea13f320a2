import { describe, expect, it } from "vitest";
import {
  cellAt,
  cellCorner,
  classesInRow,
  fitGrid,
  gridLayout,
  paintDigits,
} from "../../../../../src/app/shared/images/digitGrid.ts";
import { DEFAULT_DIGITS } from "../../../../../src/engine/config/sampling.ts";
import {
  type ClassRows,
  classRows,
  snapshotCount,
} from "../../../../../src/engine/config/snapshotSteps.ts";

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

describe("a grid of cells of two images", () => {
  const pair = { images: 2, gap: 6 };

  it("finds the cell at a place again, and none beside the grid", () => {
    const grid = gridLayout(10, 4, pair);
    for (let index = 0; index < 10; index++) {
      const { left, top } = cellCorner(index, grid);
      expect(cellAt({ x: left + 1, y: top + 1 }, grid)).toBe(index);
      expect(cellAt({ x: left + 56, y: top + 27 }, grid)).toBe(index);
    }
    expect(cellAt({ x: -1, y: 0 }, grid)).toBeNull();
    expect(cellAt({ x: grid.width + 10, y: 0 }, grid)).toBeNull();
    expect(cellAt({ x: 0, y: grid.height + 10 }, grid)).toBeNull();
  });

  it("has the images of a cell beside each other, and no more than it has room for", () => {
    const grid = gridLayout(2, 2, pair);
    const greys = [10, 20, 30, 40, 50];
    const pixels = Uint8Array.from(greys.flatMap((grey) => new Array(784).fill(grey)));
    const rgba = new Uint8ClampedArray(4 * grid.width * grid.height);
    paintDigits(rgba, pixels, grid);
    const row = Array.from({ length: grid.width }, (_, x) => rgba[4 * x]);
    const { left } = cellCorner(1, grid);
    expect([0, 27, 28, 29, 56, 57].map((x) => row[x])).toEqual([10, 10, 0, 20, 20, 0]);
    expect([left - 1, left, left + 27, left + 29].map((x) => row[x])).toEqual([0, 30, 30, 40]);
    expect(rgba).not.toContain(50);
  });
});

describe("the classes in a row", () => {
  it.each([
    [10, ["0", "1", "9"]],
    [47, ["0–4", "5–9", "45–46"]],
    [62, ["0–7", "8–15", "56–61"]],
    [256, ["0–9", "10–19", "90–99"]],
  ])("are one, or several where there are %i", (classes, [first, second, last]) => {
    const count = snapshotCount({ classes });
    const rows = classRows(count, { classes }) as ClassRows;
    const names = Array.from({ length: Math.ceil(count / rows.columns) }, (_, row) =>
      classesInRow(row, count, rows),
    );
    expect([names[0], names[1], names.at(-1)]).toEqual([first, second, last]);
  });
});
