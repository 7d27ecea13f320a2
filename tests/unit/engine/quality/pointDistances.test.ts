import { describe, expect, it } from "vitest";
import {
  chamferDistance,
  slicedWasserstein,
} from "../../../../src/engine/quality/pointDistances.ts";
import { randomNormals } from "../../../../src/engine/random.ts";

const points = (index: number, count = 500) =>
  randomNormals({ seed: 0, stream: "points", index }, 2 * count);

describe("the sliced Wasserstein distance", () => {
  it("is 0 for the same points in another order", () => {
    expect(slicedWasserstein(Float32Array.of(0, 1, 2, 3), Float32Array.of(2, 3, 0, 1))).toBe(0);
  });

  it("of a set that is moved is half the square of the way, whatever the direction", () => {
    // The mean of (d cos)² over all directions.
    for (const [dx, dy] of [
      [2, 0],
      [0, 2],
      [Math.SQRT2, -Math.SQRT2],
    ] as const) {
      const moved = points(0).map((value, i) => value + (i % 2 === 0 ? dx : dy));
      expect(slicedWasserstein(points(0), moved)).toBeCloseTo(2, 4);
    }
  });

  it("between sets of one kind falls with their number", () => {
    const few = slicedWasserstein(points(0, 50), points(1, 50));
    expect(slicedWasserstein(points(0, 5000), points(1, 5000))).toBeLessThan(few / 10);
  });

  it("of sets of different size is refused", () => {
    expect(() => slicedWasserstein(points(0, 3), points(1, 4))).toThrow(
      "Expected two sets of as many points, got 3 and 4.",
    );
  });
});

describe("the Chamfer distance", () => {
  it("adds the mean distance to the nearest point both ways", () => {
    const [a, b] = [Float32Array.of(0, 0), Float32Array.of(3, 4, 0, 1)];
    expect(chamferDistance(a, b)).toBeCloseTo(1 + (5 + 1) / 2, 6);
  });
});
