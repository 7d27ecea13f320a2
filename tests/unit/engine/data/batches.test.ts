import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunks, epochOrder, toUnitRange } from "../../../../src/engine/data/batches.ts";

describe("the order of an epoch", () => {
  it("has every image once", () => {
    expect(epochOrder(0, 0, 100).toSorted()).toEqual(
      Uint32Array.from({ length: 100 }, (_, i) => i),
    );
  });

  it("repeats for the same epoch of a seed, and is another for others", () => {
    const order = epochOrder(3, 5, 100);
    expect(epochOrder(3, 5, 100)).toEqual(order);
    expect(epochOrder(3, 6, 100)).not.toEqual(order);
    expect(epochOrder(4, 5, 100)).not.toEqual(order);
  });
});

describe("images for the network", () => {
  it("are picked in the order asked for, black as -1 and white as 1", () => {
    const images = Uint8Array.of(0, 255, 51, 204, 255, 0);
    const values = toUnitRange(images, [2, 0, 0], 2);
    expect(values).toEqual(Float32Array.of(1, -1, -1, 1, -1, 1));
    expect(Array.from(toUnitRange(images, [1], 2), (v) => v.toFixed(6))).toEqual([
      "-0.600000",
      "0.600000",
    ]);
  });
});

describe("chunks", () => {
  it("cover everything in order, all of the full size but the last", () => {
    const numbers = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(numbers, ([length, size]) => {
        const ranges = chunks(length, size);
        const covered = ranges.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, i) => start + i),
        );
        expect(covered).toEqual(Array.from({ length }, (_, i) => i));
        const sizes = ranges.map(({ start, end }) => end - start);
        expect(sizes.slice(0, -1).every((n) => n === size)).toBe(true);
        expect(sizes.every((n) => n > 0)).toBe(true);
      }),
    );
  });
});
