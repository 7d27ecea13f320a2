/** Where the bars of a class histogram stand. Pure. */

export const HEIGHT = 150;
/** For the counts over the bars, and the digits under them. */
const [TOP, BOTTOM] = [16, 18];
/** Of its place, what a bar takes. */
const BAR_SHARE = 0.7;

interface Bar {
  digit: number;
  count: number;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Across. */
  middle: number;
}

export interface HistogramPlot {
  bars: Bar[];
  /** As many as each digit would have if all were equally many, and where that is. */
  even: { count: number; y: number };
  /** Under the bars. */
  baseline: number;
}

/** @param width of the box, in pixels */
export function histogramPlot(counts: readonly number[], width: number): HistogramPlot {
  const even = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const highest = Math.max(...counts, even);
  const baseline = HEIGHT - BOTTOM;
  const y = (count: number) => baseline - ((baseline - TOP) * count) / highest;
  const pitch = width / counts.length;
  return {
    bars: counts.map((count, digit) => ({
      digit,
      count,
      x: (digit + (1 - BAR_SHARE) / 2) * pitch,
      y: y(count),
      width: BAR_SHARE * pitch,
      height: baseline - y(count),
      middle: (digit + 0.5) * pitch,
    })),
    even: { count: even, y: y(even) },
    baseline,
  };
}
