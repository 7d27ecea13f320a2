import * as tf from "@tensorflow/tfjs-core";
import { type Mixing, mixingAt, qSample } from "./forward.ts";
import { OBJECTIVE_FORMULAS, predictNoise } from "./objectiveFormulas.ts";
import type { Schedule } from "./schedule.ts";

/**
 * A network as a sampler calls it: from images `[B, H, W, 1]`, a timestep for each, and the x_0 predicted
 * in the step before (for self-conditioning; null at the first step) to its prediction.
 */
export type Model = (
  x: tf.Tensor4D,
  timesteps: Int32Array,
  x0Before: tf.Tensor4D | null,
) => tf.Tensor4D;

export interface StepOptions {
  model: Model;
  schedule: Schedule;
  /** `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  /** Timestep and predicted x_0 of the step before; null at the first step. */
  before: { t: number; x0: tf.Tensor4D } | null;
  /** The timestep of `x`, in [0, T). */
  t: number;
  /** The timestep after the step, in [-1, t); -1 is the finished image. */
  tNext: number;
  /** See `SamplerSettings`; 0 where the sampler has none. */
  eta: number;
  /** Standard normal, `[B, H, W, 1]`; null where the sampler needs none, and at its last step. */
  noise: tf.Tensor4D | null;
}

export type SamplerStep = {
  /** The images after the step, `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  /** The finished images as predicted in this step; within the bound of the schedule, but in inversion. */
  x0: tf.Tensor4D;
};

/** What the model predicts of images at their timesteps. */
export interface Prediction {
  /** The finished images; clipped where the schedule has a bound. */
  x0: tf.Tensor4D;
  /** How much noise is in the images that it was predicted from. */
  mixing: Mixing;
}

type PredictionOptions = Pick<StepOptions, "model" | "schedule" | "x"> & {
  /** The timestep of all images, or of each. */
  t: number | Int32Array;
  before: { x0: tf.Tensor4D } | null;
};

/** The x_0 that the model predicts, which may leave the range of images. */
export function predictStart({ model, schedule, x, t, before }: PredictionOptions): Prediction {
  const timesteps = typeof t === "number" ? new Int32Array(x.shape[0]).fill(t) : t;
  const mixing = mixingAt(schedule, typeof t === "number" ? [t] : t);
  const prediction = model(x, timesteps, before?.x0 ?? null);
  const { predictStart: startOf } = OBJECTIVE_FORMULAS[schedule.objective];
  return { x0: startOf({ xT: x, prediction, mixing }), mixing };
}

/**
 * The x_0 that the model predicts, clipped to the range that images or points have, but on the straight path, whose samplers
 * follow eps - x_0 as the network predicts it.
 */
export function predictClippedStart(options: PredictionOptions): Prediction {
  const { x0, mixing } = predictStart(options);
  const { bound } = options.schedule;
  return { x0: bound === null ? x0 : tf.clipByValue(x0, -bound, bound), mixing };
}

/**
 * The images at other timesteps that have the same x_0 and eps: DDIM's step without fresh noise (Song et al.
 * 2021, eq. 12 with sigma 0), Euler's on the straight path.
 *
 * @param of.x the images that `x0` was predicted from
 * @param timesteps in [-1, T), of each image or of all; -1 is the finished image
 */
export function mixedAt(
  schedule: Schedule,
  { x, x0, mixing }: Prediction & { x: tf.Tensor4D },
  timesteps: ArrayLike<number>,
): tf.Tensor4D {
  return qSample(x0, predictNoise(x, x0, mixing), mixingAt(schedule, timesteps));
}
