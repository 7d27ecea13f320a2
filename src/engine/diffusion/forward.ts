import * as tf from "@tensorflow/tfjs-core";
import { mixImages } from "../ops/elementwise.ts";
import type { Schedule } from "./schedule.ts";

/**
 * The factors of the image and of the noise at each image's timestep, alpha and sigma, `[B, 1, 1, 1]`.
 */
export interface Mixing {
  signal: tf.Tensor4D;
  noise: tf.Tensor4D;
}

/** @param timesteps integers in [-1, T), `[B]`; -1 is the finished image */
export function mixingAt(schedule: Schedule, timesteps: ArrayLike<number>): Mixing {
  return {
    signal: gather(schedule.signals, timesteps, { atEnd: 1 }),
    noise: gather(schedule.noises, timesteps, { atEnd: 0 }),
  };
}

/**
 * The value of a schedule's float64 table at each image's timestep, `[B, 1, 1, 1]`, which broadcasts over
 * images, over the divisor. Only here does the schedule become float32.
 *
 * @param options.atEnd the value at timestep -1
 */
export function gather(
  table: Float64Array,
  timesteps: ArrayLike<number>,
  { divisor = 1, atEnd = Number.NaN } = {},
): tf.Tensor4D {
  const values = Float32Array.from(timesteps, (t) => (table[t] ?? atEnd) / divisor);
  return tf.tensor4d(values, [values.length, 1, 1, 1]);
}

/**
 * The image after t steps of noise: x_t = alpha_t x_0 + sigma_t eps, where a noise schedule has
 * alpha = sqrt(alphaBar) and sigma = sqrt(1 - alphaBar) (Ho et al. 2020, eq. 4).
 *
 * @param x0 `[B, H, W, 1]` in [-1, 1]
 * @param eps standard normal, `[B, H, W, 1]`
 */
export function qSample(x0: tf.Tensor4D, eps: tf.Tensor4D, mixing: Mixing): tf.Tensor4D {
  return mixImages([x0, mixing.signal], [eps, mixing.noise]);
}
