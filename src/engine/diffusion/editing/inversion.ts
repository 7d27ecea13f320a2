import * as tf from "@tensorflow/tfjs-core";
import { type Model, mixedAt, predictStart } from "../model.ts";
import type { Schedule } from "../schedule.ts";

/** One step of `invertStep`. */
export interface InversionOptions {
  model: Model;
  schedule: Schedule;
  /** `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  /** The timestep of `x`, in [-1, T); -1 is the finished image. */
  t: number;
  /** The timestep after the step, in (t, T). */
  tNext: number;
}

/**
 * One step of DDIM backwards, from an image towards the noise that DDIM makes it of (Dhariwal and Nichol 2021, appendix F;
 * Song et al. 2021, section 4.3): x_0 and eps are predicted at the lower noise level and mixed at the higher one. The
 * finished image is given to the network as one of t = 0, the lowest level that it knows. x_0 is not clipped, which could
 * not be undone on the way back.
 */
export function invertStep({ model, schedule, x, t, tNext }: InversionOptions): tf.Tensor4D {
  return tf.tidy(() => {
    const prediction = predictStart({ model, schedule, x, t: Math.max(t, 0), before: null });
    return mixedAt(schedule, { x, ...prediction }, [tNext]);
  });
}
