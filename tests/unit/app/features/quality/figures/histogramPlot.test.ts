import { describe, expect, it } from "vitest";
import { histogramPlot } from "../../../../../../src/app/features/quality/figures/histogramPlot.ts";

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
