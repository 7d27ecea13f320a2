import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fromFloat16,
  overflowsFloat16,
  toFloat16,
} from "../../../../../src/engine/formats/safetensors/float16.ts";

function float16(bits: number): number {
  return fromFloat16(Uint16Array.of(bits))[0] as number;
}

function nearest(value: number): number {
  return fromFloat16(toFloat16(Float32Array.of(value)))[0] as number;
}

/** Finite float16s from 0 up: their bits count them. */
const MAX_BITS = 0x7bff;

describe("a float16", () => {
  it.each([
    ["1", 0x3c00, 1],
    ["the largest", 0x7bff, 65504],
    ["the smallest normal", 0x0400, 2 ** -14],
    ["the smallest", 0x0001, 2 ** -24],
    ["a third", 0x3555, 0.333251953125],
    ["-2", 0xc000, -2],
    ["negative zero", 0x8000, -0],
    ["infinity", 0xfc00, Number.NEGATIVE_INFINITY],
    ["NaN", 0x7e00, Number.NaN],
  ])("is %s by its bits", (_, bits, value) => {
    expect(float16(bits)).toBe(value);
    expect(toFloat16(new Float32Array([value]))[0]).toBe(bits);
  });

  it("goes to a number and back unchanged, whichever of the 63,490 it is", () => {
    const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
    const bits = Uint16Array.from(all.filter((b) => (b & 0x7fff) <= 0x7c00));
    expect(bits).toHaveLength(63_490); // two infinities among them
    expect(toFloat16(fromFloat16(bits))).toEqual(bits);
  });

  it("is within half a step of the number it was rounded from, and of even bits in a tie", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: MAX_BITS - 1 }),
        // Of all sizes alike: most doubles are tiny.
        fc.nat(4096).map((part) => part / 4096),
        (bits, fraction) => {
          const [low, high] = [float16(bits), float16(bits + 1)];
          const value = Math.fround(low + fraction * (high - low));
          const rounded = nearest(value);
          expect(Math.abs(rounded - value)).toBeLessThanOrEqual((high - low) / 2);
          expect(nearest(-value)).toBe(-rounded);
          expect(nearest((low + high) / 2)).toBe(bits % 2 === 0 ? low : high);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is infinite from half a step past the largest value, which counts as overflow", () => {
    expect(nearest(65519)).toBe(65504);
    expect(nearest(65520)).toBe(Number.POSITIVE_INFINITY);
    expect(overflowsFloat16(65519)).toBe(false);
    expect(overflowsFloat16(-65520)).toBe(true);
    expect(overflowsFloat16(Number.POSITIVE_INFINITY)).toBe(false);
  });
});
