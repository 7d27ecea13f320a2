import { describe, expect, it } from "vitest";
import { downsample, smooth, smoothedLoss } from "../../../../../src/app/shared/plot/smoothing.ts";

describe("smooth", () => {
  it("leaves a constant as it is, from the first value on", () => {
    for (const value of smooth([3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
  });

  it("is the weighted mean with weights decay^age", () => {
    const [, , third] = smooth([1, 2, 4], 0.5);
    expect(third).toBeCloseTo((1 * 0.25 + 2 * 0.5 + 4) / 1.75, 12);
  });

  it("returns the values themselves at decay 0", () => {
    expect(smooth([5, 1, 2], 0)).toEqual([5, 1, 2]);
  });

  it("passes over what is not finite", () => {
    const smoothed = smooth([Number.NaN, 1, Number.NaN, Number.POSITIVE_INFINITY], 0.9);
    expect(smoothed[0]).toBeNaN();
    for (const value of smoothed.slice(1)) expect(value).toBeCloseTo(1, 12);
  });
});

describe("smoothedLoss", () => {
  const steps = Array.from({ length: 20_000 }, (_, i) => ({ loss: 1 / (i + 1) + (i % 7) / 70 }));
  const losses = steps.map(({ loss }) => loss);

  it.each([0, 0.5, 0.95, 0.999])("is the end of the smoothed line, with a decay of %s", (decay) => {
    expect(smoothedLoss(steps, decay)).toBeCloseTo(smooth(losses, decay).at(-1) as number, 4);
    expect(smoothedLoss(steps.slice(0, 3), decay)).toBe(smooth(losses.slice(0, 3), decay)[2]);
  });

  it("is not told before the first step", () => {
    expect(smoothedLoss([], 0.95)).toBeNull();
  });
});

describe("downsample", () => {
  const wave = Array.from({ length: 5000 }, (_, i) => Math.sin(i / 7) + i / 1000);

  it("keeps all of a few", () => {
    expect(downsample([3, 1, 2], 10)).toEqual([0, 1, 2]);
    expect(downsample([], 10)).toEqual([]);
  });

  it("never returns more than it may, in their order", () => {
    for (const maxPoints of [4, 5, 100, 300]) {
      const indices = downsample(wave, maxPoints);
      expect(indices.length).toBeLessThanOrEqual(maxPoints);
      expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
    }
  });

  it("keeps the first and the last", () => {
    const indices = downsample(wave, 50);
    expect(indices[0]).toBe(0);
    expect(indices.at(-1)).toBe(4999);
  });

  it("keeps a single peak and a single dip", () => {
    const flat = new Array<number>(2000).fill(1);
    flat[777] = 9;
    flat[1234] = -9;
    expect(downsample(flat, 20)).toEqual(expect.arrayContaining([777, 1234]));
  });

  it("leaves out what is not finite", () => {
    expect(downsample([Number.NaN, 1, Number.POSITIVE_INFINITY, 2], 10)).toEqual([1, 3]);
  });
});
