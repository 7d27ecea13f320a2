import { describe, expect, it } from "vitest";
import { classShares, POINT_SETS, type PointSetId } from "../../../../src/engine/data/pointSets.ts";
import { freshPoints, pointData } from "../../../../src/engine/data/points.ts";

const IDS = Object.keys(POINT_SETS) as PointSetId[];
/** Two classes, one with twice as many points. */
const OWN = [-150, 100, 0, 150, 100, 0, 0, -150, 1];
const settingsOf = (points: PointSetId, seed = 0) => ({
  points,
  ownPoints: OWN,
  seed,
  numPoints: 4000,
});

describe.each(IDS)("the points of %s", (points) => {
  it("are the same for a seed, and others for another, in validation, and where nobody has seen them", () => {
    const { train, validation } = pointData(settingsOf(points));
    expect(pointData(settingsOf(points)).train.images).toEqual(train.images);
    const others = [
      pointData(settingsOf(points, 1)).train,
      validation,
      freshPoints(settingsOf(points), 100),
    ];
    for (const { images } of others) {
      expect(images.subarray(0, 20)).not.toEqual(train.images.subarray(0, 20));
    }
  });

  it("are centered, within what is drawn, and about as wide as the noise", () => {
    const { images, count } = pointData(settingsOf(points)).train;
    expect(images).toHaveLength(2 * count);
    const mean = [0, 1].map((axis) => coordinates(images, axis).reduce(add) / count);
    // A mode with four fifths of the points pulls their mean to it.
    if (points !== "modes") for (const of of mean) expect(Math.abs(of)).toBeLessThan(0.35);
    expect(Math.max(...images.map(Math.abs))).toBeLessThan(3);
    const squares = Array.from(images, (value) => value ** 2).reduce(add) / images.length;
    expect(Math.sqrt(squares)).toBeGreaterThan(0.7);
    expect(Math.sqrt(squares)).toBeLessThan(1.5);
  });

  it("have the shares of their classes", () => {
    const { labels, count } = pointData(settingsOf(points)).train;
    const shares = classShares(settingsOf(points));
    shares.forEach((share, label) => {
      const found = labels.filter((of) => of === label).length / count;
      // Four standard deviations of a count.
      expect(Math.abs(found - share)).toBeLessThan(
        4 * Math.sqrt((share * (1 - share)) / count) + 1e-9,
      );
    });
    expect(Math.max(...labels)).toBe(shares.length - 1);
  });
});

describe("a person's own points", () => {
  it("lie around those that were drawn, each of its class", () => {
    const { images, labels } = pointData(settingsOf("own")).train;
    const drawn = [0, 1, 2].map((i) => OWN.slice(3 * i, 3 * i + 3) as [number, number, number]);
    for (const [i, label] of labels.entries()) {
      const [x, y] = [images[2 * i] as number, images[2 * i + 1] as number];
      const nearest = drawn.find(
        ([ownX, ownY, of]) => of === label && Math.hypot(x - ownX / 100, y - ownY / 100) < 0.4,
      );
      expect(nearest).toBeDefined();
    }
  });
});

describe("the checkerboard", () => {
  it("has no point in a white square", () => {
    const { images } = pointData(settingsOf("checkerboard")).train;
    for (let i = 0; i < images.length; i += 2) {
      const [column, row] = [images[i] as number, images[i + 1] as number].map((x) =>
        Math.floor(x + 2),
      );
      expect(((column as number) + (row as number)) % 2).toBe(0);
    }
  });
});

function add(a: number, b: number): number {
  return a + b;
}

function coordinates(images: ArrayLike<number>, axis: number): number[] {
  return Array.from(images).filter((_, i) => i % 2 === axis);
}
