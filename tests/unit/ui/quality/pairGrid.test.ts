import { describe, expect, it } from "vitest";
import { histogramPlot } from "../../../../src/ui/quality/histogramPlot.ts";
import { paintPairs, pairAt, pairCorner, pairGrid } from "../../../../src/ui/quality/pairGrid.ts";

describe("the grid of pairs", () => {
  it("has as many columns as there is room for, and one at least", () => {
    expect(pairGrid(60, 540)).toMatchObject({ columns: 6, rows: 10 });
    expect(pairGrid(60, 360)).toMatchObject({ columns: 4, rows: 15 });
    expect(pairGrid(3, 0)).toMatchObject({ columns: 1, rows: 3 });
  });

  it("finds the pair at a place again, and none beside the pairs", () => {
    const grid = pairGrid(10, 360);
    for (let index = 0; index < 10; index++) {
      const { left, top } = pairCorner(index, grid);
      expect(pairAt({ x: left + 1, y: top + 1 }, grid, 10)).toBe(index);
      expect(pairAt({ x: left + 56, y: top + 27 }, grid, 10)).toBe(index);
    }
    expect(pairAt({ x: grid.width - 1, y: grid.height - 1 }, grid, 10)).toBeNull();
    expect(pairAt({ x: -1, y: 0 }, grid, 10)).toBeNull();
    expect(pairAt({ x: grid.width + 10, y: 0 }, grid, 10)).toBeNull();
  });

  it("paints each sample and, right of it, its nearest image", () => {
    const grid = pairGrid(2, 180);
    const pixels = Uint8Array.from([10, 20, 30, 40].flatMap((grey) => new Array(784).fill(grey)));
    const rgba = new Uint8ClampedArray(4 * grid.width * grid.height);
    paintPairs(rgba, pixels, grid);
    const row = Array.from({ length: grid.width }, (_, x) => rgba[4 * x]);
    const { left } = pairCorner(1, grid);
    expect([0, 27, 28, 29, 56, 57].map((x) => row[x])).toEqual([10, 10, 0, 20, 20, 0]);
    expect([left - 1, left, left + 27, left + 29].map((x) => row[x])).toEqual([0, 30, 30, 40]);
    expect(rgba[4 * 28 + 3]).toBe(0);
  });
});

describe("the bars of the digits", () => {
  it("are as high as their counts, the highest touching the top", () => {
    const { bars, baseline } = histogramPlot([0, 5, 10, 5], 400);
    const heights = bars.map(({ height }) => height);
    expect(heights[0]).toBe(0);
    expect(heights[1]).toBeCloseTo((heights[2] ?? 0) / 2);
    for (const { y, height } of bars) expect(y + height).toBeCloseTo(baseline);
  });

  it("have the level of equally many in between", () => {
    const { even, bars } = histogramPlot([0, 5, 10, 5], 400);
    expect(even.count).toBe(5);
    expect(even.y).toBeCloseTo(bars[1]?.y ?? Number.NaN);
  });
});
