import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { digitsPng } from "../../../../src/runtime/files/digitsPng.ts";

describe("the picture of digits", () => {
  it("has all of them, enlarged by whole pixels, black between them", () => {
    const pixels = Uint8Array.from({ length: 4 * 784 }, (_, i) => (i % 784 === 0 ? 255 : 40));
    const { width, height, data } = decode(digitsPng({ pixels }));
    // Two digits and the gap between them, 58 pixels, 31 times.
    expect([width, height]).toEqual([58 * 31, 58 * 31]);
    const grayAt = (x: number, y: number) => data[31 * y * width + 31 * x];
    expect([grayAt(0, 0), grayAt(30, 0), grayAt(0, 30), grayAt(30, 30)]).toEqual(
      Array(4).fill(255),
    );
    expect(grayAt(1, 0)).toBe(40);
    expect(grayAt(28, 5)).toBe(0);
  });

  it("has as many columns as are asked for", () => {
    const { width, height } = decode(digitsPng({ pixels: new Uint8Array(6 * 784), columns: 6 }));
    expect(width / height).toBeCloseTo((6 * 30 - 2) / 28, 10);
  });
});
