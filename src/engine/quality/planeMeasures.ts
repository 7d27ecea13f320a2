/** What a network of points has learned, measured: how exact its field is, and how good its points with each sampler. */
import type { RunConfig } from "../config/hyperparameters.ts";
import { freshPoints, pointData } from "../data/points.ts";
import { posteriorMeans } from "../diffusion/exactDenoiser.ts";
import type { Sampler } from "../diffusion/samplers.ts";
import { randomNormals } from "../random.ts";
import type { Denoiser } from "../train/gradient.ts";
import { pointPaths, predictedStarts } from "./drawPoints.ts";
import { PointMeter } from "./pointMeter.ts";
import { comparedSamplers, type SamplerPoint } from "./samplerComparison.ts";

/** The error of a network's field at a noise level. */
export interface FieldError {
  /** The timestep. */
  t: number;
  /** The factor of the noise. */
  noise: number;
  /** The mean squared distance of the predicted x_0 to the exact one. */
  error: number;
  /** The mean squared distance of the exact x_0 to the point that was noised: nobody can predict it better. */
  unavoidable: number;
}

/** A sampler, and how far its points are from fresh ones; see `PointFigures`. */
export type PointSamplerPoint = Pick<SamplerPoint, "sampler" | "numPasses"> & {
  wasserstein: number;
};

export interface PlaneMeasured {
  fieldErrors: readonly FieldError[];
  samplers: readonly PointSamplerPoint[];
}

/** Timesteps at which the field is measured. */
const NUM_LEVELS = 12;
/** Fresh points that are noised at each. */
const NUM_NOISED = 400;
/** Points that are drawn with each sampler. */
const NUM_DRAWN = 1000;

/**
 * Measures the field, then the samplers, all from the same noise.
 *
 * @param config of the run
 * @yields now and then
 */
export async function* measurePlane(
  denoiser: Denoiser,
  config: RunConfig,
): AsyncGenerator<void, PlaneMeasured> {
  const fieldErrors: FieldError[] = [];
  const { numTimesteps, objective } = denoiser.schedule;
  for (let i = 0; i < Math.min(NUM_LEVELS, numTimesteps); i++) {
    const t = Math.round(((i + 0.5) / Math.min(NUM_LEVELS, numTimesteps)) * (numTimesteps - 1));
    fieldErrors.push(await fieldErrorAt(denoiser, config, t));
    yield;
  }
  const meter = new PointMeter(config, NUM_DRAWN);
  const samplers: PointSamplerPoint[] = [];
  for (const { sampler, numPasses } of comparedSamplers(numTimesteps, objective)) {
    const drawn = yield* drawnBy(denoiser, sampler, config.seed);
    samplers.push({ sampler, numPasses, wasserstein: meter.measure(drawn).wasserstein });
  }
  return { fieldErrors, samplers };
}

async function* drawnBy(
  denoiser: Denoiser,
  sampler: Sampler,
  seed: number,
): AsyncGenerator<void, Float32Array> {
  const { frames } = yield* pointPaths({ denoiser, sampler, seed, count: NUM_DRAWN });
  return frames.at(-1) ?? new Float32Array();
}

async function fieldErrorAt(denoiser: Denoiser, config: RunConfig, t: number): Promise<FieldError> {
  const { signals, noises } = denoiser.schedule;
  const level = { signal: signals[t] as number, noise: noises[t] as number };
  const x0 = freshPoints(config, NUM_NOISED).images as Float32Array;
  const eps = randomNormals({ seed: config.seed, stream: "noise", index: t }, x0.length);
  const points = Float32Array.from(
    x0,
    (x, i) => level.signal * x + level.noise * (eps[i] as number),
  );
  const predicted = await predictedStarts({ denoiser, points, t, condition: null });
  const exact = posteriorMeans(pointData(config).train.images as Float32Array, points, level);
  return {
    t,
    noise: level.noise,
    error: meanSquaredDistance(predicted, exact),
    unavoidable: meanSquaredDistance(exact, x0),
  };
}

function meanSquaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum / (a.length / 2);
}
