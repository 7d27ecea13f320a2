import * as tf from "@tensorflow/tfjs-core";
import { mixingAt } from "./forward.ts";
import { predictNoise, predictStart } from "./objective.ts";
import type { Schedule } from "./schedule.ts";

/** A network as a sampler sees it: `[B, H, W, 1]` and a timestep each to v. */
export type Model = (x: tf.Tensor4D, timesteps: Int32Array) => tf.Tensor4D;

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

export interface DdimStep {
  /** Where the image is, in [0, T). */
  t: number;
  /** Where it goes, in [-1, t); -1 is the finished image. */
  tNext: number;
}

/**
 * One step of DDIM with eta 0 (Song et al. 2021, eq. 12): the network's v gives x_0, clipped to
 * [-1, 1]; from it eps is derived again, and both are mixed at the next timestep.
 *
 * @param x `[B, H, W, 1]`
 */
export function ddimStep(model: Model, schedule: Schedule, x: tf.Tensor4D, { t, tNext }: DdimStep) {
  return tf.tidy(() => {
    const numImages = x.shape[0];
    const mixing = mixingAt(schedule, [t]);
    const v = model(x, new Int32Array(numImages).fill(t));
    const x0 = tf.clipByValue(predictStart(x, v, mixing), -1, 1);
    if (tNext < 0) return x0;
    const next = mixingAt(schedule, [tNext]);
    const eps = predictNoise(x, x0, mixing);
    return tf.add<tf.Tensor4D>(tf.mul(x0, next.signal), tf.mul(eps, next.noise));
  });
}
