import * as tf from "@tensorflow/tfjs-core";
import { mixingAt } from "./forward.ts";
import { type Model, predictClippedStart, type SamplerStep } from "./model.ts";
import { predictNoise } from "./objectiveFormulas.ts";
import type { Schedule } from "./schedule.ts";

/**
 * The timesteps DDIM visits, first to last; the last is -1, the finished image. The integer parts
 * of `numSteps` + 1 values spread evenly over [-1, T - 1], in float32 and from both ends as
 * PyTorch's linspace computes them.
 *
 * @param numSteps 1 to T
 * @returns `[numSteps + 1]`, falling
 */
export function ddimTimesteps(numTimesteps: number, numSteps: number): number[] {
  const step = Math.fround(numTimesteps / numSteps);
  const times = Array.from({ length: numSteps + 1 }, (_, i) =>
    i < Math.floor((numSteps + 1) / 2)
      ? Math.fround(-1 + Math.fround(i * step))
      : Math.fround(numTimesteps - 1 - Math.fround((numSteps - i) * step)),
  );
  return times.map(Math.trunc).toReversed();
}

export interface DdimStepOptions {
  model: Model;
  schedule: Schedule;
  /** `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  x0Before: tf.Tensor4D | null;
  /** Where the images are, in [0, T). */
  t: number;
  /** Where they go, in [-1, t); -1 is the finished image. */
  tNext: number;
  /** 0 is deterministic, 1 as random as ancestral sampling. */
  eta: number;
  /** Standard normal, `[B, H, W, 1]`; needed when eta is not 0 and tNext not -1. */
  noise: tf.Tensor4D | null;
}

/**
 * One step of DDIM (Song et al. 2021, eq. 12): the model gives x_0, clipped to [-1, 1]; from it eps
 * is derived again, and both are mixed at the next timestep, with fresh noise of
 * sigma = eta sqrt((1 - alphaBar / alphaBar') (1 - alphaBar') / (1 - alphaBar)) in it (eq. 16).
 */
export function ddimStep(options: DdimStepOptions): SamplerStep {
  const { schedule, x, t, tNext, eta, noise } = options;
  return tf.tidy(() => {
    const { x0, mixing } = predictClippedStart(options);
    if (tNext < 0) return { x: tf.clone(x0), x0 };
    const eps = predictNoise(x, x0, mixing);
    const [alphaBar, next] = [t, tNext].map((at) => schedule.alphaBars[at]) as [number, number];
    const sigma = eta * Math.sqrt(((1 - alphaBar / next) * (1 - next)) / (1 - alphaBar));
    if (sigma === 0) {
      const { signal, noise: share } = mixingAt(schedule, [tNext]);
      return { x: tf.add<tf.Tensor4D>(tf.mul(x0, signal), tf.mul(eps, share)), x0 };
    }
    if (!noise) throw new Error(`DDIM with eta ${eta} needs fresh noise at t = ${t}, got none.`);
    const direction = tf.mul(eps, Math.sqrt(1 - next - sigma ** 2));
    const mean = tf.add(tf.mul(x0, Math.sqrt(next)), direction);
    return { x: tf.add<tf.Tensor4D>(mean, tf.mul(noise, sigma)), x0 };
  });
}
