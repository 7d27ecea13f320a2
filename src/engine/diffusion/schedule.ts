import { SCHEDULES, type ScheduleId } from "./noiseSchedules.ts";
import {
  isOneLevel,
  isStraight,
  LOSS_WEIGHTS,
  type LossWeightId,
  OBJECTIVES,
  type ObjectiveId,
} from "./objectives.ts";

/**
 * A noise schedule and all that follows from it, in float64: in float32 the cumulative product alone would
 * cost 1e-4 of 1 - alphaBar at T = 1000. Every table is `[T]`.
 */
export type NoiseSchedule = ReturnType<typeof createNoiseSchedule>;

/** How images are mixed with noise, and how much the errors count. Every table is `[T]`, in float64. */
export interface Schedule {
  numTimesteps: number;
  /** What the network predicts; decides the path and the weights of the loss. */
  objective: ObjectiveId;
  /** alpha_t, the factor of the image in x_t: sqrt(alphaBar_t) of a noise schedule (Ho et al. 2020, eq. 4). */
  signals: Float64Array;
  /** sigma_t, the factor of the noise in x_t: sqrt(1 - alphaBar_t) of a noise schedule. */
  noises: Float64Array;
  /** Weight of an image's mean squared error in the loss. */
  lossWeights: Float64Array;
  /** What is predicted of a finished image, or point, is clipped to [-bound, bound]; null on the straight path, where it is not. */
  bound: number | null;
  /** Null on the straight path and at one noise level, which are none of its kind: alpha² + sigma² is not 1. */
  noiseSchedule: NoiseSchedule | null;
}

export interface ScheduleOptions {
  /** The largest absolute value that what is denoised has; 1 when left out, as pixels have it. */
  bound?: number;
  /** No effect on the straight path and at one noise level. */
  betaSchedule: ScheduleId;
  /** T; no effect at one noise level, which is the only timestep. */
  timesteps: number;
  /** Standard deviation of the noise of the one level, with gray values from 0 to 1; no effect elsewhere. */
  noiseSigma: number;
  objective: ObjectiveId;
  lossWeight: LossWeightId;
  /** Upper bound of the signal-to-noise ratio in the library's weights (Hang et al. 2023); 0 is none. */
  minSnrGamma: number;
}

/**
 * The path that the objective asks for: a noise schedule's, or the straight one of flow matching,
 * sigma_t = (t + 1) / T and alpha = 1 - sigma (Lipman et al. 2023; Liu et al. 2023), or one noise level, which is the only
 * timestep, so that the network's time embedding is a constant: alpha = 1, and sigma twice `noiseSigma`, since gray values
 * from 0 to 1 are -1 to 1 for the network.
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { betaSchedule, timesteps: numTimesteps, objective, bound = 1 } = options;
  const weightOf = (snr: number) => lossWeightOf(snr, options);
  if (isStraight(objective)) {
    const noises = Float64Array.from({ length: numTimesteps }, (_, t) => (t + 1) / numTimesteps);
    const signals = noises.map((noise) => 1 - noise);
    const lossWeights = signals.map((signal, t) => weightOf((signal / at(noises, t)) ** 2));
    return {
      numTimesteps,
      objective,
      signals,
      noises,
      lossWeights,
      bound: null,
      noiseSchedule: null,
    };
  }
  if (isOneLevel(objective)) {
    const [signals, noises] = [Float64Array.of(1), Float64Array.of(2 * options.noiseSigma)];
    const lossWeights = noises.map((noise) => weightOf(1 / noise ** 2));
    const tables = { signals, noises, lossWeights };
    return { numTimesteps: 1, objective, ...tables, bound, noiseSchedule: null };
  }
  const noiseSchedule = createNoiseSchedule(betaSchedule, numTimesteps);
  const { alphaBars } = noiseSchedule;
  return {
    numTimesteps,
    objective,
    signals: alphaBars.map(Math.sqrt),
    noises: alphaBars.map((alphaBar) => Math.sqrt(1 - alphaBar)),
    lossWeights: alphaBars.map((alphaBar) => weightOf(alphaBar / (1 - alphaBar))),
    bound,
    noiseSchedule,
  };
}

function lossWeightOf(
  snr: number,
  {
    objective,
    lossWeight,
    minSnrGamma,
  }: Pick<ScheduleOptions, "objective" | "lossWeight" | "minSnrGamma">,
): number {
  const clipped = minSnrGamma > 0 ? Math.min(snr, minSnrGamma) : snr;
  return LOSS_WEIGHTS[lossWeight].weight(OBJECTIVES[objective].lossWeight(snr, clipped));
}

/** @param numTimesteps T */
export function createNoiseSchedule(id: ScheduleId, numTimesteps: number) {
  const betas = SCHEDULES[id].betas(numTimesteps);
  let product = 1;
  const alphaBars = betas.map((beta) => {
    product *= 1 - beta;
    return product;
  });
  const alphaBarsPrev = alphaBars.map((_, t) => (t === 0 ? 1 : at(alphaBars, t - 1)));
  const posteriorVariances = betas.map(
    (beta, t) => (beta * (1 - at(alphaBarsPrev, t))) / (1 - at(alphaBars, t)),
  );
  return {
    /** Variance added at step t, beta_t (Ho et al. 2020, eq. 2). */
    betas,
    /** alphaBar_t = prod_{s <= t} (1 - beta_s) (eq. 4). */
    alphaBars,
    /** alphaBar_{t - 1}; 1 at t = 0. */
    alphaBarsPrev,
    /** Variance of q(x_{t-1} | x_t, x_0) (eq. 7). */
    posteriorVariances,
    /** Its logarithm, of at least 1e-20: at t = 0 the variance is 0. */
    posteriorLogVariancesClipped: posteriorVariances.map((v) => Math.log(Math.max(v, 1e-20))),
    /** Factor of x_0 in the mean of q(x_{t-1} | x_t, x_0) (eq. 7). */
    posteriorMeanX0Factors: betas.map(
      (beta, t) => (beta * Math.sqrt(at(alphaBarsPrev, t))) / (1 - at(alphaBars, t)),
    ),
    /** Factor of x_t in it. */
    posteriorMeanXtFactors: betas.map(
      (beta, t) => ((1 - at(alphaBarsPrev, t)) * Math.sqrt(1 - beta)) / (1 - at(alphaBars, t)),
    ),
  };
}

/**
 * The noise schedule of a sampler that adds fresh noise.
 *
 * @throws on the straight path and at one noise level
 */
export function noiseScheduleOf({ noiseSchedule, objective }: Schedule): NoiseSchedule {
  if (noiseSchedule) return noiseSchedule;
  throw new Error(
    `Fresh noise needs a noise schedule, but a network that predicts ${OBJECTIVES[objective].predicted} has none: sample without it.`,
  );
}

/** A number of a table, `[T]`. */
export function at(table: Float64Array, t: number): number {
  return table[t] as number;
}
