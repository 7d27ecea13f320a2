import { describe, expect, it } from "vitest";
import { scaleOf, wholeWindow } from "../../../../../src/app/shared/plot/axes.ts";
import {
  contentOf,
  endName,
  type PlotOptions,
  plotInsets,
  plotOf,
} from "../../../../../src/app/shared/plot/plot.ts";
import { longSeries, seriesOf } from "../charts/exampleSeries.ts";

const OPTIONS: PlotOptions = {
  xKind: "step",
  xScale: "linear",
  window: { from: 0, to: 100 },
  yScale: "linear",
  fromZero: true,
  cutsSpikes: false,
  maxPoints: 100,
  numXTicks: 5,
  numYTicks: 5,
};

describe("the points of a plot", () => {
  const wave = longSeries(20_000, (step) => 2 + Math.sin(step / 50));

  it("are few for a long run", () => {
    const { curves } = plotOf([wave], { ...OPTIONS, window: { from: 0, to: 20_000 } });
    expect(curves[0]?.points.length).toBeGreaterThan(50);
    expect(curves[0]?.points.length).toBeLessThanOrEqual(100);
  });

  it("are those of the window alone, so that zooming shows more of it", () => {
    const window = { from: 1000, to: 1080 };
    const { curves } = plotOf([wave], { ...OPTIONS, window });
    const xs = curves[0]?.points.map(({ x }) => x);
    expect(xs).toEqual(Array.from({ length: 81 }, (_, i) => 1000 + i));
  });

  it("reach to the edges of a window between two of them", () => {
    const series = seriesOf([0, 100], [1, 3]);
    const { curves } = plotOf([series], { ...OPTIONS, window: { from: 25, to: 75 } });
    expect(curves[0]?.points).toEqual([
      { x: 25, y: 1.5, isCrossing: true },
      { x: 75, y: 2.5, isCrossing: true },
    ]);
  });

  it("leave out what a log axis cannot show, and what is no number", () => {
    const series = seriesOf([1, 2, 3, 4], [0, 0.1, Number.NaN, 0.2]);
    const { curves } = plotOf([series], { ...OPTIONS, yScale: "log" });
    expect(curves[0]?.points).toEqual([
      { x: 2, y: 0.1 },
      { x: 4, y: 0.2 },
    ]);
  });
});

describe("the y axis", () => {
  const axis = (values: number[], changes: Partial<PlotOptions> = {}) => {
    const steps = values.map((_, i) => i + 1);
    const { yDomain, yTicks } = plotOf([seriesOf(steps, values)], { ...OPTIONS, ...changes });
    return { yDomain, yTicks };
  };

  it("reaches as far as it is asked to, where there is anything to show", () => {
    expect(axis([0.2, 0.3], { yReaches: 1 }).yTicks.at(-1)).toBe(1);
    expect(axis([0.2, 1.4], { yReaches: 1 }).yTicks.at(-1)).toBeGreaterThan(1);
    expect(axis([0.2, 0.3]).yTicks.at(-1)).toBeLessThan(0.5);
  });

  it("begins at 0 where that is wanted or costs little, else where the values are", () => {
    expect(axis([8, 9.5]).yDomain).toEqual([0, 10]);
    expect(axis([1, 9.5], { fromZero: false }).yDomain).toEqual([0, 10]);
    expect(axis([0.81, 0.99], { fromZero: false }).yDomain).toEqual([0.8, 1]);
  });

  it("is longer where a curve would run along its end, and says no more", () => {
    const { yDomain, yTicks } = axis([0, 0.006, 0.006]);
    expect(yTicks.at(-1)).toBe(0.006);
    expect(yDomain[0]).toBe(0);
    expect(yDomain[1]).toBeCloseTo(0.00618, 9);
    const log = axis([0.1, 1], { yScale: "log" });
    expect(log.yTicks).toEqual([0.1, 0.2, 0.5, 1]);
    expect(log.yDomain[0]).toBeCloseTo(0.1 * 10 ** -0.03, 9);
    expect(log.yDomain[1]).toBeCloseTo(10 ** 0.03, 9);
  });

  it("is round in the largest unit that fits", () => {
    const yUnits = [
      { name: "MiB", size: 2 ** 20 },
      { name: "GiB", size: 2 ** 30 },
    ];
    const ofMemory = (bytes: number) => {
      const { yTicks, yUnit } = plotOf([seriesOf([1, 2], [0, bytes])], { ...OPTIONS, yUnits });
      return [yTicks.at(-1), yUnit.name];
    };
    expect(ofMemory(100e6)).toEqual([100 * 2 ** 20, "MiB"]);
    expect(ofMemory(1.9 * 2 ** 30)).toEqual([2 * 2 ** 30, "GiB"]);
    expect(ofMemory(1000)).toEqual([0.001 * 2 ** 20, "MiB"]);
  });

  it("has round powers on a log scale, and round numbers within less than one", () => {
    expect(axis([0.03, 1], { yScale: "log" }).yTicks).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1]);
    expect(axis([0.031, 0.049], { yScale: "log" }).yTicks).toEqual([
      0.03, 0.035, 0.04, 0.045, 0.05,
    ]);
  });

  it("has room for its longest number", () => {
    const room = (from: number, to: number) => {
      const series = longSeries(100, (step) => (step < 50 ? from : to));
      return plotInsets(plotOf([series], { ...OPTIONS, fromZero: false })).left;
    };
    expect(room(0, 10)).toBe(room(0.1, 0.9));
    // `0.99980`
    expect(room(0.9998, 0.99995)).toBeGreaterThan(room(0, 10));
    expect(plotInsets(plotOf([], OPTIONS)).left).toBe(room(0, 10));
  });

  it("is of what the window shows", () => {
    const series = longSeries(100, (step) => (step < 50 ? 1000 : 9.5));
    const { yDomain } = plotOf([series], { ...OPTIONS, window: { from: 60, to: 100 } });
    expect(yDomain).toEqual([0, 10]);
  });

  it("has no numbers before there is anything", () => {
    expect(plotOf([], OPTIONS)).toMatchObject({ yDomain: [0, 1], yTicks: [], curves: [] });
    const log = plotOf([], { ...OPTIONS, yScale: "log" });
    expect(log).toMatchObject({ yDomain: [0.1, 1], yTicks: [] });
  });

  it("cuts off a few spikes where that is wanted", () => {
    const series = { ...longSeries(100, (step) => (step === 50 ? 4700 : 20 + (step % 2))) };
    const faint = { ...series, style: "faint" } as const;
    expect(plotOf([faint], OPTIONS).yDomain[1]).toBe(5000);
    const cut = plotOf([faint], { ...OPTIONS, cutsSpikes: true });
    expect(cut.yDomain[1]).toBeLessThan(50);
    expect(Math.max(...(cut.curves[0]?.points.map(({ y }) => y) ?? []))).toBeLessThanOrEqual(
      cut.yDomain[1],
    );
  });
});

describe("what there is to see", () => {
  const epochs = seriesOf([100, 200, 300], [0.3, 0.2, 0.1]);
  const contentFrom = (from: number, to: number, series = epochs) =>
    contentOf(plotOf([series], { ...OPTIONS, window: { from, to } }), true);

  it("are curves also between two points, and before and after all of them values elsewhere", () => {
    expect(contentFrom(110, 190)).toBe("curves");
    expect(contentFrom(10, 90)).toBe("elsewhere");
    expect(contentFrom(310, 400)).toBe("elsewhere");
  });

  it("is nothing where there are no values at all, zoomed or not", () => {
    expect(contentFrom(10, 90, seriesOf([100], [Number.NaN]))).toBe("nothing");
    expect(contentOf(plotOf([], OPTIONS), true)).toBe("nothing");
    expect(contentOf(plotOf([seriesOf([], [])], OPTIONS), false)).toBe("nothing");
  });
});

describe("the x axis", () => {
  it("goes from 0 to a round end that stands still for many a step", () => {
    expect(wholeWindow([longSeries(457, () => 1)], "linear")).toEqual({ from: 0, to: 500 });
    expect(wholeWindow([longSeries(460, () => 1)], "linear")).toEqual({ from: 0, to: 500 });
    expect(wholeWindow([], "linear")).toEqual({ from: 0, to: 1 });
  });

  it("begins with the first point on a log scale, with ticks at powers of ten", () => {
    const series = longSeries(2000, () => 1);
    const window = wholeWindow([series], "log");
    expect(window).toEqual({ from: 1, to: 2000 });
    const { xTicks } = plotOf([series], { ...OPTIONS, window, xScale: "log" });
    expect(xTicks).toEqual([1, 10, 100, 1000]);
  });

  it("has a tick near its end on a log scale, too", () => {
    const ticksTo = (to: number) =>
      plotOf([], { ...OPTIONS, window: { from: 1, to }, xScale: "log" }).xTicks;
    expect(ticksTo(600)).toEqual([1, 10, 100, 500]);
    expect(ticksTo(1200)).toEqual([1, 10, 100, 1000]);
  });

  it("has whole numbers of steps, but parts of epochs", () => {
    const window = { from: 0, to: 3 };
    expect(plotOf([], { ...OPTIONS, window }).xTicks).toEqual([0, 1, 2, 3]);
    expect(plotOf([], { ...OPTIONS, window, xKind: "epoch" }).xTicks).toContain(0.5);
  });

  it("passes over positions that nobody knows", () => {
    const series = seriesOf([1, 2, 3], [1, 1, 1], { xs: [10, 20, Number.NaN] });
    expect(wholeWindow([series], "linear").to).toBe(20);
  });

  it("has round minutes of time, within a zoomed window", () => {
    const window = { from: 130_000, to: 310_000 };
    expect(plotOf([], { ...OPTIONS, xKind: "time", window, numXTicks: 3 }).xTicks).toEqual([
      180_000, 240_000, 300_000,
    ]);
  });
});

describe("a place on an axis", () => {
  it.each(["linear", "log"] as const)("is found and found back on a %s scale", (scale) => {
    const place = scaleOf(scale, [2, 200]);
    for (const value of [2, 17, 200]) expect(place.invert(place(value))).toBeCloseTo(value, 9);
  });

  it("is half-way at the geometric mean on a log scale", () => {
    expect(scaleOf("log", [2, 200])(20)).toBeCloseTo(0.5, 12);
    // Of a file: the quotient of the ends is more than a number can be.
    const place = scaleOf("log", [5e-324, 1]);
    expect(place.invert(place(0.1))).toBeCloseTo(0.1, 9);
  });
});

describe("the y axis of values that differ by rounding alone", () => {
  // The losses of Tiny's first step, raw and smoothed.
  const series = seriesOf([1, 1], [0.8984375, 0.8984375000000001]);

  it.each(["log", "linear"] as const)("is that of one value, %s", (yScale) => {
    const { yTicks, yDomain } = plotOf([series], { ...OPTIONS, yScale });
    const one = plotOf([seriesOf([1], [0.8984375])], { ...OPTIONS, yScale });
    expect({ yTicks, yDomain }).toEqual({ yTicks: one.yTicks, yDomain: one.yDomain });
    expect(yTicks.length).toBeGreaterThan(1);
  });
});

it("the name at a curve's end leaves out what all are of, and has room for 18 characters", () => {
  expect(endName({ name: "class 3" })).toBe("3");
  expect(endName({ name: "t 0–499, live" })).toBe("0–499");
  expect(endName({ name: "ankle boot" })).toBe("ankle boot");
  expect(endName({ name: "a very long-haired dog" })).toBe("a very long-haired…");
});
