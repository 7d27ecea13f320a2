import { describe, expect, it } from "vitest";
import { gaussianBlur } from "../../../../src/engine/quality/gaussianBlur.ts";

/** Black, with a white pixel. */
function pointAt(row: number, column: number): Float32Array {
  const image = new Float32Array(784);
  image[28 * row + column] = 1;
  return image;
}

describe("a Gaussian blur", () => {
  it("makes the kernel of a point: its sum is 1, and its shape that of the exponential", () => {
    const blurred = gaussianBlur(pointAt(14, 13), 1.5);
    const at = (row: number, column: number) => blurred[28 * row + column] as number;
    expect(blurred.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
    expect(at(15, 13) / at(14, 13)).toBeCloseTo(Math.exp(-1 / 4.5), 5);
    expect(at(14, 10) / at(14, 13)).toBeCloseTo(Math.exp(-9 / 4.5), 5);
    expect(at(16, 14) / at(14, 13)).toBeCloseTo(Math.exp(-5 / 4.5), 5);
    expect(at(14, 13 + 6)).toBe(0);
  });

  it("loses beyond the edge what is not in the image, and mixes no image with the next", () => {
    const blurred = gaussianBlur(Float32Array.from([...pointAt(27, 27), ...pointAt(5, 5)]), 1);
    const sum = (image: Float32Array) => image.reduce((before, value) => before + value);
    expect(sum(blurred.subarray(0, 784))).toBeLessThan(0.6);
    expect(sum(blurred.subarray(784))).toBeCloseTo(1, 5);
  });

  it("of no width changes nothing", () => {
    expect(gaussianBlur(pointAt(3, 4), 0)).toEqual(pointAt(3, 4));
  });
});
