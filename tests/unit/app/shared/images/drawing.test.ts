import { describe, expect, it } from "vitest";
import { drawingPixels } from "../../../../../src/app/shared/images/drawing.ts";

/** Rows and columns with ink, and where its middle is. */
function facts(pixels: Uint8Array) {
  let [sum, sumX, sumY] = [0, 0, 0];
  const [xs, ys] = [new Set<number>(), new Set<number>()];
  for (const [i, value] of pixels.entries()) {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    if (value > 127) {
      xs.add(x);
      ys.add(y);
    }
    sum += value;
    sumX += value * (x + 0.5);
    sumY += value * (y + 0.5);
  }
  return { width: xs.size, height: ys.size, middle: [sumX / sum, sumY / sum] };
}

const SEVEN = [0.3, 0.2, 0.7, 0.2, 0.45, 0.8];

describe("a drawing", () => {
  it("is nothing before anything is drawn", () => {
    expect(drawingPixels([])).toBeNull();
    expect(drawingPixels([[]])).toBeNull();
  });

  it("is 20 pixels high, with its centre of mass in the middle", () => {
    const { height, width, middle } = facts(drawingPixels([SEVEN]) ?? new Uint8Array());
    expect(height).toBeGreaterThanOrEqual(19);
    expect(height).toBeLessThanOrEqual(21);
    expect(width).toBeLessThan(height);
    expect(middle[0]).toBeCloseTo(14, 0);
    expect(middle[1]).toBeCloseTo(14, 0);
  });

  it("is the same wherever and however large it was drawn", () => {
    const small = SEVEN.map((value, i) => 0.3 * value + (i % 2 === 0 ? 0.6 : 0.05));
    const [first, second] = [drawingPixels([SEVEN]), drawingPixels([small])];
    const differences = Array.from(first ?? [], (value, i) => Math.abs(value - (second?.[i] ?? 0)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });

  it("has a line of two to three white pixels, with grey edges", () => {
    const pixels = drawingPixels([[0.5, 0.1, 0.5, 0.9]]) ?? new Uint8Array();
    const row = pixels.subarray(14 * 28, 15 * 28);
    expect(row.filter((value) => value > 200).length).toBeGreaterThanOrEqual(2);
    expect(row.filter((value) => value > 0).length).toBeLessThanOrEqual(5);
    expect(pixels.some((value) => value > 0 && value < 200)).toBe(true);
  });

  it("of a click is a dot in the middle", () => {
    const { width, height, middle } = facts(drawingPixels([[0.1, 0.9]]) ?? new Uint8Array());
    expect(height).toBe(width);
    expect([2, 3]).toContain(width);
    expect(middle[0]).toBeCloseTo(14, 1);
    expect(middle[1]).toBeCloseTo(14, 1);
  });

  it("of several lines is all of them", () => {
    const one = drawingPixels([SEVEN])?.reduce((sum, value) => sum + value, 0) ?? 0;
    const crossed = drawingPixels([SEVEN, [0.35, 0.5, 0.75, 0.5]]);
    expect(crossed?.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(1.1 * one);
  });
});
