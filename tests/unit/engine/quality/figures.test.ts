import { describe, expect, it } from "vitest";
import {
  COPY_DISTANCE,
  classFigures,
  labelsAsked,
  maxClassEntropy,
  nearestFigures,
  noLikelihoodReason,
} from "../../../../src/engine/quality/figures.ts";

/** Probabilities of samples: each of a class, with a confidence; the rest is spread evenly. */
function probabilities(...samples: [digit: number, confidence: number][]): Float32Array {
  return Float32Array.from(
    samples.flatMap(([digit, confidence]) =>
      Array.from({ length: 10 }, (_, i) => (i === digit ? confidence : (1 - confidence) / 9)),
    ),
  );
}

describe("the figures of a classifier", () => {
  it("count the samples, and those of each class", () => {
    const { count, classCounts } = classFigures(probabilities([3, 0.8], [0, 0.95], [3, 0.3]), 10);
    expect(count).toBe(3);
    expect(classCounts).toEqual([1, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
  });

  it("have the mean of the largest probabilities", () => {
    const { meanConfidence } = classFigures(probabilities([3, 0.75], [0, 1], [9, 0.5]), 10);
    expect(meanConfidence).toBeCloseTo(0.75, 7);
  });

  it("have the share above 0.9, which 0.9 is not", () => {
    const { shareConfident } = classFigures(
      probabilities([3, 0.901], [0, 0.9], [9, 0.899], [1, 1]),
      10,
    );
    expect(shareConfident).toBe(0.5);
  });

  it.each<[string, number[], number]>([
    ["0 bits for one class", [4, 4, 4], 0],
    ["1 bit for two classes", [4, 7, 7, 4], 1],
    ["1.5 bits for a half and two quarters", [4, 4, 7, 2], 1.5],
    ["its maximum for all classes", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Math.log2(10)],
  ])("have an entropy of %s", (_, digits, bits) => {
    const { classEntropy } = classFigures(
      probabilities(...digits.map((digit): [number, number] => [digit, 0.9])),
      10,
    );
    expect(classEntropy).toBeCloseTo(bits, 12);
  });

  it("take the first class where none is above the others", () => {
    expect(classFigures(new Float32Array(10).fill(0.1), 10)).toMatchObject({
      meanConfidence: expect.closeTo(0.1, 7),
      classCounts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    });
  });

  it("have the share that is read as the digit asked for, and what is read of each", () => {
    const read = probabilities([3, 0.8], [0, 0.95], [3, 0.3], [8, 0.9]);
    const { readAsAsked, confusion = [] } = classFigures(read, 10, [3, 0, 8, 8]);
    expect(readAsAsked).toBe(0.75);
    const counts = confusion.flatMap((row, asked) =>
      row.flatMap((count, digit) => (count > 0 ? [[asked, digit, count]] : [])),
    );
    expect(counts).toEqual([
      [0, 0, 1],
      [3, 3, 1],
      [8, 3, 1],
      [8, 8, 1],
    ]);
    expect(confusion.map(({ length }) => length)).toEqual(new Array(10).fill(10));
    expect(classFigures(read, 10)).not.toHaveProperty("readAsAsked");
  });

  it("have as many classes as the classifier", () => {
    const figures = classFigures(Float32Array.of(0.25, 0.75, 0.5, 0.5), 2, [1, 1]);
    expect(figures).toMatchObject({ classCounts: [1, 1], classEntropy: 1, readAsAsked: 0.5 });
    expect(figures.confusion).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(maxClassEntropy(figures)).toBe(1);
  });

  it("know the classes asked for only of networks that learned those that are read", () => {
    const condition = { labels: [7, 0], guidance: 2 };
    const digits = { classes: 10, datasetName: "MNIST" };
    expect(labelsAsked(condition, digits, digits)).toEqual([7, 0]);
    expect(labelsAsked(condition, { ...digits, classes: 47 }, digits)).toBeNull();
    const fashion = { ...digits, datasetName: "Fashion-MNIST" };
    expect(labelsAsked(condition, fashion, digits)).toBeNull();
    expect(labelsAsked(condition, fashion, fashion)).toEqual([7, 0]);
    expect(labelsAsked({ ...condition, labels: [7, null] }, digits, digits)).toBeNull();
    const mixture = { of: [1, 2], shares: [0.5, 0.5] };
    expect(labelsAsked({ ...condition, labels: [7, mixture] }, digits, digits)).toBeNull();
    expect(labelsAsked(null, digits, digits)).toBeNull();
  });

  it.each<[string, Float32Array, RegExp]>([
    ["logits", Float32Array.of(8, -3, 0, 1, 2, 0, -1, 0, 0, 1), /sum to 1, got 8, -3.*softmax/],
    [
      "logits that sum to 1",
      Float32Array.of(8, -3, -4, 0, 0, 0, 0, 0, 0, 0),
      /got 8, -3.* sample 0/,
    ],
    ["NaN", new Float32Array(10).fill(Number.NaN), /got NaN/],
  ])("are refused for %s", (_, values, message) => {
    expect(() => classFigures(values, 10)).toThrow(message);
  });
});

describe("the figures of the nearest training images", () => {
  it("are the least and the middle distance, and the number of copies, exact or nearly so", () => {
    expect(
      nearestFigures(Float64Array.of(0.3, 0, 0.1, COPY_DISTANCE - 0.001, COPY_DISTANCE)),
    ).toEqual({
      minDistance: 0,
      medianDistance: COPY_DISTANCE,
      numCopies: 2,
    });
  });

  it("have the mean of the two in the middle of an even number", () => {
    expect(nearestFigures(Float64Array.of(0.5, 0.25, 0.125, 1)).medianDistance).toBe(0.375);
  });
});

describe("why a network has no bits per dimension", () => {
  it("is the straight path of flow, or a single noise level", () => {
    expect(noLikelihoodReason("flow")).toContain("flow");
    expect(noLikelihoodReason("oneLevel")).toMatch(/^(?!.*flow).*single noise level/);
  });
});
