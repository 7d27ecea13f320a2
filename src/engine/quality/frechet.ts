import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Entries of a covariance below this part of the largest count as 0. It is far below what float64 resolves. */
const NEGLIGIBLE = 1e-30;

/** A normal distribution fitted to features. */
export interface Gaussian {
  /** `[d]`. */
  mean: Float64Array;
  /** `[d, d]`, symmetric. */
  covariance: Float64Array;
}

/**
 * The mean μ and the unbiased covariance Σ (f - μ)(f - μ)ᵀ / (N - 1), in float64. It takes two passes,
 * since the mean of products minus the product of means is inexact for features far from zero.
 *
 * @param features `[N, dim]`; the covariance may be singular, as it is for N <= dim
 * @throws Error for fewer than 2 samples, and for features that are not finite
 */
export function gaussianOf(features: Float32Array | Float64Array, dim: number): Gaussian {
  const count = features.length / dim;
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
  const covariance = deviations.gram().div(count - 1);
  return { mean, covariance: Float64Array.from(covariance.to1DArray()) };
}

/**
 * The square of the Fréchet distance between two normal distributions,
 * |μ1 - μ2|² + tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½) (Dowson and Landau 1982, "The Fréchet distance between
 * multivariate normal distributions"; Heusel et al. 2017, equation 6, which reports the square too).
 *
 * For Gaussians fitted to few samples it is too large on average, the more so the more features there are.
 * So only distances with the same number of samples can be compared.
 *
 * @returns 0 or more, in squared units of the features. For a singular covariance the rounding error is
 *   about 1e-7 of the traces.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  const dim = a.mean.length;
  const means = a.mean.reduce((sum, mean, i) => sum + (mean - (b.mean[i] as number)) ** 2, 0);
  const first = Matrix.from1DArray(dim, dim, a.covariance);
  const second = Matrix.from1DArray(dim, dim, b.covariance);
  const spreads = first.trace() + second.trace() - 2 * traceOfRoot(first, second);
  // For nearly equal covariances the traces cancel, and rounding may leave a negative number.
  return means + Math.max(0, spreads);
}

/**
 * tr (Σ1 Σ2)^½ as the sum of the roots of the eigenvalues. With Σ1 = A Aᵀ, the eigenvalues of Σ1 Σ2 are
 * those of Aᵀ Σ2 A, which is symmetric. This needs no matrix root, and works for singular matrices.
 */
function traceOfRoot(first: Matrix, second: Matrix): number {
  const { eigenvectorMatrix, realEigenvalues } = decompose(first);
  const factor = eigenvectorMatrix.mulRowVector(realEigenvalues.map(rootOf)); // A
  const product = factor.transposeMultiply(second.mmul(factor));
  return decompose(product).realEigenvalues.reduce((sum, value) => sum + rootOf(value), 0);
}

/**
 * The eigenvalues and eigenvectors of a covariance. Negligible entries become 0, since the library
 * divides by them, which overflows if they are 1e308 times smaller than others.
 */
function decompose(covariance: Matrix): EigenvalueDecomposition {
  const dim = covariance.rows;
  const threshold = NEGLIGIBLE * covariance.max();
  const entries = covariance.to1DArray().map((x) => (Math.abs(x) > threshold ? x : 0));
  // Rounding may differ on the two sides of the diagonal.
  return new EigenvalueDecomposition(Matrix.from1DArray(dim, dim, entries), {
    assumeSymmetric: true,
  });
}

/** Eigenvalues of covariances are not negative, except by rounding. */
function rootOf(eigenvalue: number): number {
  return Math.sqrt(Math.max(0, eigenvalue));
}
