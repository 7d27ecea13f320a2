import { describe, expect, it } from "vitest";
import { testFigures } from "../../../../src/engine/quality/figures.ts";

/** Probabilities of three images: unsure and right, sure and wrong, sure and right. */
const probabilities = new Float32Array(30);
probabilities.set([0.25, 0.75], 0);
probabilities.set([0, 0, 0, 1], 10);
probabilities.set([0, 0, 0, 0.96875, 0.03125], 20);
const labels = Uint8Array.of(1, 2, 3);

describe("what a classifier reaches on labeled images", () => {
  it("is the share of right ones, of all and of each class, and how sure it is", () => {
    const figures = testFigures(probabilities, 10, { labels });
    expect(figures.accuracy).toBeCloseTo(2 / 3, 10);
    expect(figures.classAccuracies.slice(1, 4)).toEqual([1, 0, 1]);
    expect(figures.classAccuracies[0]).toBeNaN();
    expect(figures.meanConfidence).toBeCloseTo((0.75 + 1 + 0.96875) / 3, 10);
    expect(figures.shareConfident).toBeCloseTo(2 / 3, 10);
  });
});
