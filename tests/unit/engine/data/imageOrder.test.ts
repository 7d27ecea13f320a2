import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunks, epochOrder, pickImages } from "../../../../src/engine/data/imageOrder.ts";

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

describe("images", () => {
  it("are picked in the order asked for, also twice", () => {
    const images = Uint8Array.from({ length: 3 * 784 }, (_, i) => Math.floor(i / 784) + (i % 7));
    const image = (index: number) => images.subarray(index * 784, (index + 1) * 784);
    const picked = pickImages(images, [2, 0, 0]);
    expect(picked).toEqual(Uint8Array.of(...image(2), ...image(0), ...image(0)));
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
