import { describe, expect, it } from "vitest";
import { posteriorMeans } from "../../../../src/engine/diffusion/exactDenoiser.ts";

const POINTS = Float32Array.of(-1, 0, 1, 0.5, 0.2, -0.8);

describe("the exact answer for a finite set of points", () => {
  it("is the mean of the points, weighted by the density of each one's noise", () => {
    const [signal, noise] = [0.6, 0.8];
    const xT = [0.3, -0.4] as const;
    const densities = [0, 1, 2].map((j) => {
      const [x, y] = [POINTS[2 * j] as number, POINTS[2 * j + 1] as number];
      const square = (xT[0] - signal * x) ** 2 + (xT[1] - signal * y) ** 2;
      return Math.exp(-square / (2 * noise ** 2)) / (2 * Math.PI * noise ** 2);
    });
    const total = densities.reduce((sum, density) => sum + density);
    const expected = [0, 1].map((axis) =>
      densities.reduce(
        (sum, density, j) => sum + (density / total) * (POINTS[2 * j + axis] as number),
        0,
      ),
    );
    const [x, y] = posteriorMeans(POINTS, Float32Array.from(xT), { signal, noise });
    expect(x).toBeCloseTo(expected[0] as number, 6);
    expect(y).toBeCloseTo(expected[1] as number, 6);
  });

  it("is the nearest point where hardly any noise is left, and the mean of all where nothing else is", () => {
    const near = posteriorMeans(POINTS, Float32Array.of(0.9, 0.4), { signal: 1, noise: 1e-4 });
    expect([...near]).toEqual([1, 0.5]);
    const far = posteriorMeans(POINTS, Float32Array.of(5, 5), { signal: 0, noise: 1 });
    expect(far[0]).toBeCloseTo(0.2 / 3, 6);
    expect(far[1]).toBeCloseTo(-0.1, 6);
  });
});
