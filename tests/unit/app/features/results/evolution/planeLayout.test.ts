import { describe, expect, it } from "vitest";
import {
  cellAt,
  cellPlace,
  columnOf,
  planeLayout,
  wholePlane,
} from "../../../../../../src/app/features/results/evolution/planeLayout.ts";

describe("the plane of a digit", () => {
  it("has all rows of a hundred epochs in the view of a laptop, side by side in blocks", () => {
    const layout = planeLayout({ numRows: 110, numColumns: 11, width: 820, height: 450 });
    expect(layout.numBlocks).toBeGreaterThan(1);
    expect(layout.numBlocks * layout.rowsPerBlock).toBeGreaterThanOrEqual(110);
    expect(layout.width).toBeLessThanOrEqual(820);
    expect(layout.height).toBeLessThanOrEqual(450);
    expect(layout.columns).toHaveLength(11);
  });

  it("is one block of large pictures while there are few rows, and two where those are much larger", () => {
    const layout = planeLayout({ numRows: 6, numColumns: 11, width: 820, height: 450 });
    expect(layout).toMatchObject({ numBlocks: 1, picture: 68 });
    const nine = planeLayout({ numRows: 9, numColumns: 5, width: 820, height: 450 });
    expect(nine).toMatchObject({ numBlocks: 2, picture: 69 });
  });

  it.each(
    [6, 11].flatMap((numColumns) =>
      [4, 6, 8, 10, 14, 20, 30, 50, 80, 110].flatMap((numRows) =>
        [
          { width: 830, height: 465 },
          { width: 1150, height: 640 },
        ].map((box) => ({ numRows, numColumns, ...box })),
      ),
    ),
  )(
    "of $numRows rows of $numColumns fills a box of $width x $height, and no picture meets another",
    (options) => {
      const { width, height, picture, pitch } = planeLayout(options);
      expect(width).toBeLessThanOrEqual(options.width);
      expect(height).toBeLessThanOrEqual(options.height);
      expect((width * height) / (options.width * options.height)).toBeGreaterThan(0.79);
      expect(Math.min(pitch.x, pitch.y)).toBeGreaterThan(picture);
    },
  );

  it("leaves no air between the rows where it may be as high as it needs to be", () => {
    const box = { width: 366, height: Number.POSITIVE_INFINITY };
    const layout = planeLayout({ numRows: 8, numColumns: 6, ...box });
    expect(layout).toMatchObject({ numBlocks: 1, picture: 51, pitch: { x: 53, y: 53 } });
  });

  it("is higher than the box rather than too small to be made out", () => {
    const layout = planeLayout({ numRows: 500, numColumns: 11, width: 820, height: 450 });
    expect(layout.pitch.x).toBeGreaterThanOrEqual(12);
    expect(layout.width).toBeLessThanOrEqual(820);
    expect(layout.height).toBeGreaterThan(450);
    expect(layout.numBlocks * layout.rowsPerBlock).toBeGreaterThanOrEqual(500);
  });

  it("draws the first, the last and evenly some of more steps than have room", () => {
    const { columns } = planeLayout({ numRows: 9, numColumns: 251, width: 346, height: 450 });
    expect(columns).toHaveLength(25);
    expect([columns[0], columns.at(-1)]).toEqual([0, 250]);
  });

  it("finds each picture where it stands", () => {
    const layout = planeLayout({ numRows: 110, numColumns: 11, width: 820, height: 450 });
    for (const row of [0, 27, 28, 54, 109]) {
      for (const column of [0, 5, 10]) {
        const { x, y } = cellPlace(layout, row, column);
        const half = layout.picture / 2;
        expect(cellAt(layout, x + half, y + half)).toEqual({ row, column });
      }
    }
  });

  it("finds the nearest picture beyond its edges", () => {
    const layout = planeLayout({ numRows: 110, numColumns: 11, width: 820, height: 450 });
    expect(cellAt(layout, -9, -9)).toEqual({ row: 0, column: 0 });
    expect(cellAt(layout, 9999, 9999)).toEqual({ row: 109, column: 10 });
  });

  it("marks the drawn step that is nearest to the shown one", () => {
    const layout = planeLayout({ numRows: 9, numColumns: 251, width: 346, height: 450 });
    const column = columnOf(layout, 101);
    expect(Math.abs((layout.columns[column] as number) - 101)).toBeLessThanOrEqual(6);
    expect(columnOf(layout, 250)).toBe(24);
  });

  it("is exported as one block with every step", () => {
    const layout = wholePlane(110, 11);
    expect(layout).toMatchObject({ numBlocks: 1, picture: 28, width: 46 + 330, height: 22 + 3300 });
    expect(cellPlace(layout, 109, 10)).toEqual({ x: 46 + 300, y: 22 + 109 * 30 });
  });
});
