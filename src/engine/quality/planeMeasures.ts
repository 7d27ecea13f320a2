/** What a network of points has learned, measured: how exact its field is, and how good its points with each sampler. */
import type { RunConfig } from "../config/hyperparameters.ts";
import { freshPoints, type PointSettings, pointData } from "../data/points.ts";
import { posteriorMeans } from "../diffusion/exactDenoiser.ts";
import type { NoiseLevel } from "../diffusion/pointField.ts";
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
  /** The mean squared distance of the exact x_0 to the point that was noised: what the data leave unknown. */
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

/** How closely the field is measured: at so many timesteps, with so many fresh points that are noised at each. */
export interface FieldMeterSize {
  numLevels: number;
  numPoints: number;
}

const FIELD_SIZE: FieldMeterSize = { numLevels: 12, numPoints: 400 };

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
  const { numTimesteps, objective } = denoiser.schedule;
  const fieldErrors = yield* new FieldMeter(config, FIELD_SIZE).measure(denoiser);
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

/** Measures fields of networks that learn the same points; what can be known at a timestep is worked out once for all of them. */
export class FieldMeter {
  readonly #settings: PointSettings;
  readonly #size: FieldMeterSize;
  readonly #known = new Map<number, KnownAnswer>();

  constructor(settings: PointSettings, size: FieldMeterSize) {
    this.#settings = settings;
    this.#size = size;
  }

  /**
   * @param denoiser of any weights, and always of the same schedule
   * @yields after each timestep
   * @returns by ascending timestep, evenly spaced
   */
  async *measure(denoiser: Denoiser): AsyncGenerator<void, FieldError[]> {
    const { numTimesteps, signals, noises } = denoiser.schedule;
    const numLevels = Math.min(this.#size.numLevels, numTimesteps);
    const errors: FieldError[] = [];
    for (let i = 0; i < numLevels; i++) {
      const t = Math.round(((i + 0.5) / numLevels) * (numTimesteps - 1));
      const level = { signal: signals[t] as number, noise: noises[t] as number };
      const { points, exact, unavoidable } = this.#knownAt(t, level);
      const predicted = await predictedStarts({ denoiser, points, t, condition: null });
      const error = meanSquaredDistance(predicted, exact);
      errors.push({ t, noise: level.noise, error, unavoidable });
      yield;
    }
    return errors;
  }

  #knownAt(t: number, level: NoiseLevel): KnownAnswer {
    const known = this.#known.get(t) ?? knownAnswer(this.#settings, this.#size.numPoints, t, level);
    this.#known.set(t, known);
    return known;
  }
}

/** Noised points, and the best guess of where each was. */
interface KnownAnswer {
  /** `[numPoints, 2]`. */
  points: Float32Array;
  /** `[numPoints, 2]`. */
  exact: Float32Array;
  /** See `FieldError`. */
  unavoidable: number;
}

function knownAnswer(
  settings: PointSettings,
  numPoints: number,
  t: number,
  level: NoiseLevel,
): KnownAnswer {
  const x0 = freshPoints(settings, numPoints).images as Float32Array;
  const eps = randomNormals({ seed: settings.seed, stream: "noise", index: t }, x0.length);
  const points = Float32Array.from(
    x0,
    (x, i) => level.signal * x + level.noise * (eps[i] as number),
  );
  const exact = posteriorMeans(pointData(settings).train.images as Float32Array, points, level);
  return { points, exact, unavoidable: meanSquaredDistance(exact, x0) };
}

function meanSquaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum / (a.length / 2);
}
