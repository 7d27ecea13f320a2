import { describe, expect, it } from "vitest";
import {
  nearestStep,
  newestStep,
  pointAt,
  type Series,
  xOfStep,
} from "../../../../../src/app/shared/plot/series.ts";
import { seriesOf } from "../charts/exampleSeries.ts";

describe("the point at a step", () => {
  const series = seriesOf([10, 20, 30], [1, Number.NaN, 3]);

  it("is the newest up to it that is a number", () => {
    expect(pointAt(series, 10)?.value).toBe(1);
    expect(pointAt(series, 29)).toEqual({ x: 10, value: 1 });
    expect(pointAt(series, 99)?.value).toBe(3);
  });

  it("is none before the first", () => {
    expect(pointAt(series, 9)).toBeNull();
    expect(pointAt(seriesOf([], []), 9)).toBeNull();
  });
});

describe("the step nearest to a position", () => {
  const time: Series = { ...seriesOf([1, 2, 3], [0, 0, 0]), xs: [100, 150, 900] };

  it("is of any of the series", () => {
    expect(nearestStep([seriesOf([10, 20], [1, 1]), seriesOf([16], [1])], 17)).toBe(16);
    expect(nearestStep([time], 500)).toBe(2);
    expect(nearestStep([time], 5000)).toBe(3);
  });

  it("is none without points", () => {
    expect(nearestStep([], 5)).toBeNull();
  });
});

describe("the newest step", () => {
  it("is of the run, within what is shown", () => {
    const reference = seriesOf([10, 40], [1, 1], { key: "reference" });
    const series = [reference, seriesOf([10, 20, 30], [1, 1, 1])];
    expect(newestStep(series, { to: 100 })).toBe(30);
    expect(newestStep(series, { to: 25 })).toBe(20);
    expect(newestStep([reference], { to: 100 })).toBe(40);
    expect(newestStep(series, { to: 5 })).toBeNull();
  });
});

describe("the position of a step", () => {
  it("is in proportion between two, and unknown outside", () => {
    const places = { steps: [10, 20], xs: [100, 300] };
    expect(xOfStep(places, 10)).toBe(100);
    expect(xOfStep(places, 15)).toBe(200);
    expect(xOfStep(places, 20)).toBe(300);
    expect(xOfStep(places, 9)).toBeNaN();
    expect(xOfStep(places, 21)).toBeNaN();
  });
});
