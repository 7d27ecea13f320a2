import type { NoiseLevel } from "./pointField.ts";

/**
 * What a network that has learned a finite set of points by heart would answer. The best guess of x_0 for a given x_t is the
 * mean of all points p_j, each weighted by how likely it became x_t:
 *
 *   E[x_0 | x_t] = sum_j w_j p_j,  w = softmax_j(-|x_t - alpha p_j|² / (2 sigma²))
 *
 * (Karras et al. 2022, appendix B.3). Noise, v, flow and score follow from it as from any prediction.
 *
 * @param points `[N, 2]`
 * @param xT `[B, 2]`
 * @param mixing the factors alpha and sigma of point and noise, sigma above 0
 * @returns `[B, 2]`
 */
export function posteriorMeans(
  points: Float32Array,
  xT: Float32Array,
  { signal, noise }: NoiseLevel,
): Float32Array<ArrayBuffer> {
  const numPoints = points.length / 2;
  const exponents = new Float64Array(numPoints);
  const means = new Float32Array(xT.length);
  for (let i = 0; i < xT.length; i += 2) {
    const [x, y] = [xT[i] as number, xT[i + 1] as number];
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < numPoints; j++) {
      const dx = x - signal * (points[2 * j] as number);
      const dy = y - signal * (points[2 * j + 1] as number);
      const exponent = -(dx * dx + dy * dy) / (2 * noise * noise);
      exponents[j] = exponent;
      if (exponent > largest) largest = exponent;
    }
    let [sum, sumX, sumY] = [0, 0, 0];
    for (let j = 0; j < numPoints; j++) {
      // Without the largest, all weights would round to 0 where little noise is left.
      const weight = Math.exp((exponents[j] as number) - largest);
      sum += weight;
      sumX += weight * (points[2 * j] as number);
      sumY += weight * (points[2 * j + 1] as number);
    }
    means[i] = sumX / sum;
    means[i + 1] = sumY / sum;
  }
  return means;
}
