import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Of the largest entry of a covariance, far below what float64 resolves. */
const NEGLIGIBLE = 1e-30;

/** A normal distribution fitted to features. */
export interface Gaussian {
  /** `[d]`. */
  mean: Float64Array;
  /** `[d, d]`, symmetric. */
  covariance: Float64Array;
  /** Samples it was fitted to. */
  count: number;
}

/**
 * The mean μ and the unbiased covariance Σ (f - μ)(f - μ)ᵀ / (N - 1), in float64. In two passes: the
 * mean of the products less the product of the means loses the digits of features far from zero.
 *
 * @param features `[N, dim]`; with N of at most dim the covariance is singular, which is allowed
 * @throws Error for a length that is no multiple of dim, for fewer than 2 samples, and for features
 *   that are not finite.
 */
export function gaussianOf(features: Float32Array | Float64Array, dim: number): Gaussian {
  const count = features.length / dim;
  if (!Number.isInteger(count)) {
    throw new Error(`Expected samples of ${dim} features each, got ${features.length} numbers.`);
  }
  if (count < 2) {
    throw new Error(`Expected at least 2 samples, got ${count}: a covariance needs more of them.`);
  }
  const place = features.findIndex((feature) => !Number.isFinite(feature));
  if (place >= 0) {
    throw new Error(
      `Expected finite features, got ${features[place]} in sample ${Math.floor(place / dim)}. Check that its pixels are finite.`,
    );
  }
  const deviations = Matrix.from1DArray(count, dim, features);
  const mean = Float64Array.from(deviations.mean("column"));
  deviations.subRowVector(mean);
  const covariance = Float64Array.from(
    deviations
      .gram()
      .div(count - 1)
      .to1DArray(),
  );
  return { mean, covariance, count };
}

/**
 * The square of the Fréchet distance between two normal distributions,
 * |μ1 - μ2|² + tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½) (Dowson and Landau 1982, "The Fréchet distance between
 * multivariate normal distributions"; Heusel et al. 2017, equation 6, which reports the square too).
 *
 * Of Gaussians fitted to few samples it is too large on average, the more so the more features there
 * are. So only distances of the same number of samples compare.
 *
 * @returns 0 or more, in squared units of the features. Rounding makes about 1e-7 of the traces where a
 *   covariance is singular.
 * @throws Error for different numbers of features, and for moments that are not finite.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  const dim = a.mean.length;
  if (b.mean.length !== dim) {
    throw new Error(
      `Expected two Gaussians of the same features, got one of ${dim} and one of ${b.mean.length}. Fit both to features of the same network.`,
    );
  }
  for (const moments of [a.mean, a.covariance, b.mean, b.covariance]) {
    const bad = moments.find((moment) => !Number.isFinite(moment));
    if (bad !== undefined) {
      throw new Error(`Expected finite means and covariances, got ${bad}. Fit the Gaussian anew.`);
    }
  }
  const means = a.mean.reduce((sum, mean, i) => sum + (mean - (b.mean[i] as number)) ** 2, 0);
  const first = Matrix.from1DArray(dim, dim, a.covariance);
  const second = Matrix.from1DArray(dim, dim, b.covariance);
  const spreads = first.trace() + second.trace() - 2 * traceOfRoot(first, second);
  // Between nearly equal covariances the traces cancel, and rounding may leave less than nothing.
  return means + Math.max(0, spreads);
}

/**
 * tr (Σ1 Σ2)^½ as the sum of the roots of the eigenvalues. With Σ1 = A Aᵀ, those of Σ1 Σ2 are those of
 * Aᵀ Σ2 A, which is symmetric: that needs no root of a matrix, and works for singular ones.
 */
function traceOfRoot(first: Matrix, second: Matrix): number {
  const { eigenvectorMatrix, realEigenvalues } = decompose(first);
  const factor = eigenvectorMatrix.mulRowVector(realEigenvalues.map(rootOf)); // A
  const product = factor.transposeMultiply(second.mmul(factor));
  return decompose(product).realEigenvalues.reduce((sum, value) => sum + rootOf(value), 0);
}

/**
 * The eigenvalues and eigenvectors of a covariance. Of its entries those too small to count become 0:
 * the library divides by them, which overflows where they are 1e308 times smaller than others.
 */
function decompose(covariance: Matrix): EigenvalueDecomposition {
  const dim = covariance.rows;
  const threshold = NEGLIGIBLE * covariance.max();
  const entries = covariance.to1DArray().map((x) => (Math.abs(x) > threshold ? x : 0));
  // Rounding need not be the same on both sides of the diagonal.
  return new EigenvalueDecomposition(Matrix.from1DArray(dim, dim, entries), {
    assumeSymmetric: true,
  });
}

/** Eigenvalues of covariances are not negative, but rounding puts zeros on either side. */
function rootOf(eigenvalue: number): number {
  return Math.sqrt(Math.max(0, eigenvalue));
}
