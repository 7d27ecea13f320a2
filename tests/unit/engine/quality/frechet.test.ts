import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  frechetDistance,
  type Gaussian,
  gaussianOf,
} from "../../../../src/engine/quality/frechet.ts";
import { randomNormals } from "../../../../src/engine/random.ts";
import { type Rows, squareRoot, times, transposed } from "./squareRoot.ts";

function gaussian(mean: readonly number[], covariance: Rows): Gaussian {
  return {
    mean: Float64Array.from(mean),
    covariance: Float64Array.from(covariance.flat()),
  };
}

function diagonal(variances: readonly number[]): Rows {
  return variances.map((variance, i) => variances.map((_, j) => (i === j ? variance : 0)));
}

function normals(index: number, length: number): Float32Array {
  return randomNormals({ seed: 7, stream: "noise", index }, length);
}

function traceOf(covariance: Rows): number {
  return covariance.reduce((sum, row, i) => sum + (row[i] as number), 0);
}

/** A covariance without special directions, of eigenvalues about 0.02 to 4. */
function generalCovariance(index: number, dim: number): Rows {
  const values = normals(index, 2 * dim * dim);
  const rows = Array.from({ length: 2 * dim }, (_, i) =>
    Array.from(values.subarray(i * dim, (i + 1) * dim), (value) => value / Math.sqrt(2 * dim)),
  );
  return times(transposed(rows), rows);
}

describe("the Gaussian of features", () => {
  it("has the mean and the unbiased covariance", () => {
    const { mean, covariance } = gaussianOf(Float32Array.of(1, 2, 3, 8, 5, 5), 2);
    expect(Array.from(mean)).toEqual([3, 5]);
    expect(Array.from(covariance)).toEqual([4, 3, 3, 9]);
  });

  it("keeps a small spread far from zero", () => {
    const { covariance } = gaussianOf(Float64Array.of(1e8 - 1, 1e8, 1e8 + 1), 1);
    expect(covariance[0]).toBe(1);
  });

  it.each<[string, Float32Array, RegExp]>([
    ["one sample", Float32Array.of(1, 2), /at least 2 samples, got 1/],
    ["no sample", Float32Array.of(), /at least 2 samples, got 0/],
    ["NaN", Float32Array.of(1, 2, 3, Number.NaN), /finite features, got NaN in sample 1/],
    ["infinity", Float32Array.of(1, Number.NEGATIVE_INFINITY, 3, 4), /got -Infinity in sample 0/],
  ])("is refused for %s", (_, features, message) => {
    expect(() => gaussianOf(features, 2)).toThrow(message);
  });
});

describe("the Fréchet distance", () => {
  const general = generalCovariance(0, 3);

  it("is 0 between equal Gaussians", () => {
    expect(frechetDistance(gaussian([1, 2, 3], general), gaussian([1, 2, 3], general))).toBeCloseTo(
      0,
      12,
    );
  });

  it("is |Δ|² between shifted Gaussians", () => {
    const distance = frechetDistance(gaussian([1, 2, 3], general), gaussian([3, -1, 9], general));
    expect(distance).toBeCloseTo(4 + 9 + 36, 12);
  });

  it("is Σ (√a - √b)² between diagonal covariances", () => {
    const [a, b] = [diagonal([4, 9, 1]), diagonal([1, 16, 0])];
    expect(frechetDistance(gaussian([0, 0, 0], a), gaussian([0, 0, 0], b))).toBeCloseTo(3, 12);
  });

  it("is that of the eigenvalues between covariances that commute", () => {
    // Eigenvalues 9, 1 and 25, 4 along (1, 1) and (1, -1): (3 - 5)² + (1 - 2)².
    const [a, b] = [
      [
        [5, 4],
        [4, 5],
      ],
      [
        [14.5, 10.5],
        [10.5, 14.5],
      ],
    ];
    expect(frechetDistance(gaussian([0, 0], a), gaussian([0, 0], b))).toBeCloseTo(5, 12);
  });

  it("is 8 - 2 √14 between two covariances that do not commute", () => {
    // The product has trace 8 and determinant 9, and tr √P = √(tr P + 2 √det P) for 2 x 2.
    const a = [
      [2, 1],
      [1, 2],
    ];
    const distance = frechetDistance(gaussian([0, 0], a), gaussian([0, 0], diagonal([3, 1])));
    expect(distance).toBeCloseTo(8 - 2 * Math.sqrt(14), 12);
  });

  it("is |u|² + |v|² - 2 |u·v| between covariances u uᵀ and v vᵀ, of two samples each", () => {
    // Of x and -x the covariance is 2 x xᵀ.
    const [x, y] = [
      [1, 0, 2, -1, 0],
      [3, 1, -1, 0, 2],
    ];
    const [a, b] = [x, y].map((u) =>
      gaussianOf(Float64Array.from([...u, ...u.map((value) => -value)]), 5),
    ) as [Gaussian, Gaussian];
    // |x|² = 6, |y|² = 15, x·y = 1.
    expect(frechetDistance(a, b)).toBeCloseTo(2 * (6 + 15 - 2 * 1), 6);
  });

  it("is the squared distance of the means between samples that do not vary", () => {
    const [a, b] = [gaussianOf(Float32Array.of(1, 5, 1, 5), 2), gaussian([4, 1], diagonal([0, 0]))];
    expect(frechetDistance(a, b)).toBe(25);
  });

  it("agrees in 64 dimensions with the root of the product by Denman and Beavers", () => {
    const dim = 64;
    const [a, b] = [generalCovariance(1, dim), generalCovariance(2, dim)];
    const product = times(a, b);
    const root = squareRoot(product);
    const rootError = times(root, root).flatMap((row, i) =>
      row.map((value, j) => Math.abs(value - ((product[i] as number[])[j] as number))),
    );
    expect(Math.max(...rootError), "error of the root's square").toBeLessThan(1e-9);
    const [meanA, meanB] = [normals(3, dim), normals(4, dim)];
    const means = meanA.reduce((sum, mean, i) => sum + (mean - (meanB[i] as number)) ** 2, 0);
    const expected = means + traceOf(a) + traceOf(b) - 2 * traceOf(root);
    const distance = frechetDistance(
      gaussian(Array.from(meanA), a),
      gaussian(Array.from(meanB), b),
    );
    expect(Math.abs(distance - expected)).toBeLessThan(1e-9 * expected);
  });

  it("of samples comes near that of the Gaussians they are from", () => {
    // Standard deviations 1, 2, 3 about (0, 0, 0), and 2, 2, 1 about (1, 0, -1): 2 + 1 + 0 + 4.
    const count = 40_000;
    const drawn = (index: number, deviations: readonly number[], means: readonly number[]) =>
      normals(index, 3 * count).map(
        (value, i) => value * (deviations[i % 3] as number) + (means[i % 3] as number),
      );
    const distance = frechetDistance(
      gaussianOf(drawn(5, [1, 2, 3], [0, 0, 0]), 3),
      gaussianOf(drawn(6, [2, 2, 1], [1, 0, -1]), 3),
    );
    expect(Math.abs(distance - 7)).toBeLessThan(0.1);
  });

  it("between samples of one Gaussian falls with their number, and is far from 0 for few", () => {
    const dim = 16;
    const [few, more, many] = [12, 200, 20_000].map((count) =>
      frechetDistance(
        gaussianOf(normals(8, count * dim), dim),
        gaussianOf(normals(9, count * dim), dim),
      ),
    ) as [number, number, number];
    expect(few).toBeGreaterThan(5);
    expect(more).toBeLessThan(few / 5);
    expect(many).toBeLessThan(more / 20);
  });

  it("is found where one feature hardly varies at all", () => {
    // Found by the properties below: an eigenvalue iteration that divides by 5e-324 ends in NaN.
    const a = [
      [0, 5e-324],
      [5e-324, 4],
    ];
    expect(frechetDistance(gaussian([0, 0], a), gaussian([0, 0], diagonal([1, 1])))).toBe(2);
  });
});

describe("the Fréchet distance of any samples", () => {
  const DIM = 4;
  const feature = fc.double({ min: -10, max: 10, noNaN: true });
  /** From 2 samples on, so that many covariances are singular. */
  const samples = fc.array(fc.array(feature, { minLength: DIM, maxLength: DIM }), {
    minLength: 2,
    maxLength: 9,
  });
  const fitted = (rows: Rows) => gaussianOf(Float64Array.from(rows.flat()), DIM);
  /** Rounding, where a covariance is singular: 1e-7 of the traces. */
  const toleranceOf = (...gaussians: Gaussian[]) =>
    gaussians.reduce(
      (sum, { covariance }) =>
        sum + 1e-7 * covariance.reduce((total, value, i) => total + (i % 5 ? 0 : value), 0),
      1e-9,
    );

  it("is the same in either order, and 0 or more", () => {
    fc.assert(
      fc.property(samples, samples, (x, y) => {
        const [a, b] = [fitted(x), fitted(y)];
        const distance = frechetDistance(a, b);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(Math.abs(distance - frechetDistance(b, a))).toBeLessThanOrEqual(toleranceOf(a, b));
      }),
    );
  });

  it("is 0 to themselves", () => {
    fc.assert(
      fc.property(samples, (x) => {
        const a = fitted(x);
        expect(frechetDistance(a, a)).toBeGreaterThanOrEqual(0);
        expect(frechetDistance(a, a)).toBeLessThanOrEqual(toleranceOf(a, a));
      }),
    );
  });

  it("is not changed by a rotation of both", () => {
    const angles = fc.array(fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), {
      minLength: DIM - 1,
      maxLength: DIM - 1,
    });
    fc.assert(
      fc.property(samples, samples, angles, (x, y, turns) => {
        // One after the other in the planes of neighbouring features.
        const rotated = (rows: Rows) =>
          rows.map((row) => {
            const turned = [...row];
            turns.forEach((angle, i) => {
              const [u, v] = [turned[i] as number, turned[i + 1] as number];
              turned[i] = u * Math.cos(angle) - v * Math.sin(angle);
              turned[i + 1] = u * Math.sin(angle) + v * Math.cos(angle);
            });
            return turned;
          });
        const [a, b] = [fitted(x), fitted(y)];
        const distance = frechetDistance(fitted(rotated(x)), fitted(rotated(y)));
        expect(Math.abs(distance - frechetDistance(a, b))).toBeLessThanOrEqual(toleranceOf(a, b));
      }),
    );
  });
});
