import { describe, expect, it } from "vitest";
import { scaleOf } from "../../../../../src/app/shared/plot/axes.ts";
import {
  hasCurve,
  movedStep,
  zoomAround,
  zoomBetween,
} from "../../../../../src/app/shared/plot/PlotPointer.tsx";
import { longSeries, seriesOf } from "../charts/exampleSeries.ts";

const WHOLE = { from: 0, to: 1000 };
const linear = { whole: WHOLE, window: WHOLE, scale: "linear" } as const;

describe("a drag", () => {
  it("shows what lies between its ends, in either direction", () => {
    const shown = scaleOf("linear", [0, 1000]);
    expect(zoomBetween([0.2, 0.5], shown)).toEqual({ from: 200, to: 500 });
    expect(zoomBetween([0.5, 0.2], shown)).toEqual({ from: 200, to: 500 });
  });

  it("goes on within what is shown, and ends at its edge", () => {
    expect(zoomBetween([0.5, 1.7], scaleOf("linear", [200, 400]))).toEqual({ from: 300, to: 400 });
  });

  it("goes by decades on a log axis", () => {
    const { from, to } = zoomBetween([0.25, 0.5], scaleOf("log", [1, 10_000]));
    expect(from).toBeCloseTo(10, 9);
    expect(to).toBeCloseTo(100, 9);
  });
});

describe("a key", () => {
  it("zooms in around the cursor, which stays where it is", () => {
    const zoomed = zoomAround(200, 0.5, linear);
    expect(zoomed?.from).toBeCloseTo(100, 9);
    expect(zoomed?.to).toBeCloseTo(600, 9);
  });

  it("zooms out to all at most", () => {
    const zoom = { ...linear, window: { from: 100, to: 600 } };
    expect(zoomAround(200, 2, zoom)).toBeNull();
  });

  it("zooms out beyond the cursor where the axis ends", () => {
    const zoom = { ...linear, window: { from: 900, to: 1000 } };
    const zoomed = zoomAround(900, 2, zoom);
    expect(zoomed?.from).toBeCloseTo(800, 9);
    expect(zoomed?.to).toBeCloseTo(1000, 9);
  });

  it("moves the cursor by a hundredth of what is shown, at least a step", () => {
    const series = [longSeries(1000, () => 1), seriesOf([500], [1])];
    expect(movedStep(series, { window: WHOLE, step: 500, by: 1 })).toBe(510);
    expect(movedStep(series, { window: WHOLE, step: 500, by: -10 })).toBe(400);
    expect(movedStep(series, { window: { from: 490, to: 510 }, step: 500, by: 1 })).toBe(501);
  });

  it("begins at the newest step shown, and stays within what is shown", () => {
    const series = [longSeries(1000, () => 1)];
    const window = { from: 100, to: 200 };
    expect(movedStep(series, { window, step: null, by: 1 })).toBe(200);
    expect(movedStep(series, { window, step: null, by: -1 })).toBe(199);
    expect(movedStep(series, { window, step: null, by: -100 })).toBe(100);
    expect(movedStep(series, { window, step: 200, by: 1 })).toBe(200);
    expect(movedStep(series, { window, step: 900, by: -1 })).toBe(200);
    expect(movedStep([], { window, step: null, by: 1 })).toBeNull();
  });
});

describe("a window", () => {
  it("needs two points of a series to show a curve", () => {
    const series = [seriesOf([10, 20, 30], [1, 1, 1])];
    expect(hasCurve(series, { from: 9, to: 20 })).toBe(true);
    expect(hasCurve(series, { from: 11, to: 29 })).toBe(false);
  });
});
