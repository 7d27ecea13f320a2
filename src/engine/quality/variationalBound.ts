/**
 * How likely images are under a network: an upper bound of the negative log-likelihood, in bits per dimension, as a sum of
 * one term for each timestep and one of the prior (Ho et al. 2020, eq. 5; Nichol and Dhariwal 2021). Pure, in float64.
 */
import { at, noiseScheduleOf, type Schedule } from "../diffusion/schedule.ts";

/** An image and what the network predicts of it from one noise level, both in [-1, 1], with as many pixels. */
interface PredictedImage {
  x0: ArrayLike<number>;
  /** Clipped to the range of images. */
  predicted: ArrayLike<number>;
}

/**
 * The term of a timestep. Above 0 it is the divergence of q(x_{t-1} | x_t, x_0) from the same with the predicted x_0 and the
 * same variance, in which x_t cancels out. At 0 it is the likelihood of the image's 256 levels under a Gaussian around
 * the prediction, with the variance of t = 1, since that of t = 0 is none.
 *
 * @param t in [0, T)
 * @returns bits per dimension
 * @throws on the straight path, which has no noise schedule
 */
export function boundTerm(
  schedule: Schedule,
  t: number,
  { x0, predicted }: PredictedImage,
): number {
  const { posteriorMeanX0Factors, posteriorVariances } = noiseScheduleOf(schedule);
  const numPixels = x0.length;
  let nats = 0;
  if (t === 0) {
    const deviation = Math.sqrt(at(posteriorVariances, 1));
    for (let i = 0; i < numPixels; i++) {
      nats -= logLevel(nearestLevel(x0[i] as number), { mean: predicted[i] as number, deviation });
    }
  } else {
    const weight = at(posteriorMeanX0Factors, t) ** 2 / (2 * at(posteriorVariances, t));
    for (let i = 0; i < numPixels; i++) {
      nats += weight * ((x0[i] as number) - (predicted[i] as number)) ** 2;
    }
  }
  return nats / (Math.LN2 * numPixels);
}

/**
 * The divergence of q(x_T | x_0) from the standard normal, which no network changes.
 *
 * @returns bits per dimension
 */
export function priorTerm(
  { signals, noises, numTimesteps }: Schedule,
  x0: ArrayLike<number>,
): number {
  const [signal, noise] = [at(signals, numTimesteps - 1), at(noises, numTimesteps - 1)];
  const variance = noise ** 2;
  // As log1p, since the variance is nearly 1.
  const ofVariance = (variance - 1 - Math.log1p(variance - 1)) / 2;
  let nats = 0;
  for (let i = 0; i < x0.length; i++) nats += ofVariance + (signal * (x0[i] as number)) ** 2 / 2;
  return nats / (Math.LN2 * x0.length);
}

/** Half of the distance between two of 256 levels in [-1, 1]. */
const HALF_LEVEL = 1 / 255;

/** Rounds to the nearest of the 256 levels, which go from -1 to 1. */
function nearestLevel(value: number): number {
  return Math.round((value + 1) / (2 * HALF_LEVEL)) * (2 * HALF_LEVEL) - 1;
}

/** A probability is at least so much, so that its logarithm is finite. */
const LEAST = 1e-12;

/** Logarithm of the probability of a level; the outermost take all that lies beyond them. */
function logLevel(level: number, { mean, deviation }: { mean: number; deviation: number }): number {
  const [below, above] = [-HALF_LEVEL, HALF_LEVEL].map(
    (offset) => (level + offset - mean) / deviation,
  ) as [number, number];
  const upTo = level === 1 ? 1 : normalCdf(above);
  const from = level === -1 ? 0 : normalCdf(below);
  return Math.log(Math.max(upTo - from, LEAST));
}

/** Distribution function of the standard normal, to 2e-7 of itself also far out. */
function normalCdf(x: number): number {
  const tail = 0.5 * complementaryError(Math.abs(x) / Math.SQRT2);
  return x < 0 ? tail : 1 - tail;
}

const COEFFICIENTS = [
  ...[-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806],
  ...[0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277],
];

/** erfc(z) for z of at least 0, by a Chebyshev fit whose error is 1.2e-7 of the result (Press et al. 1992, section 6.2). */
function complementaryError(z: number): number {
  const t = 1 / (1 + z / 2);
  const sum = COEFFICIENTS.reduceRight((rest, coefficient) => coefficient + t * rest, 0);
  return t * Math.exp(sum - z * z);
}
