import * as tf from "@tensorflow/tfjs-core";
import { type Model, mixedAt, predictStart, type SamplerStep } from "../model.ts";
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
export function invertStep({ model, schedule, x, t, tNext }: InversionOptions): SamplerStep {
  return tf.tidy(() => {
    const prediction = predictStart({ model, schedule, x, t: Math.max(t, 0), before: null });
    return { x: mixedAt(schedule, { x, ...prediction }, [tNext]), x0: prediction.x0 };
  });
}

/** The cosine between two noises is at most so much, so that even two equal ones have an arc. */
const MOST_ALIKE = 1 - 1e-6;

/**
 * Noises along the arc between two, on which each is as strong as they are: sin((1 - s) theta) / sin(theta) of the first
 * and sin(s theta) / sin(theta) of the second, with theta the angle between them (Shoemake 1985; for DDIM, Song et al. 2021,
 * appendix D.5).
 *
 * @param ends the two noises, each `[1, H, W, 1]`
 * @param shares how far along the arc each result lies, 0 to 1, `[B]`
 * @returns `[B, H, W, 1]`
 */
export function arcBetween(
  [first, last]: readonly [tf.Tensor4D, tf.Tensor4D],
  shares: readonly number[],
): tf.Tensor4D {
  return tf.tidy(() => {
    const dot = tf.sum(tf.mul(first, last));
    const lengths = tf.sqrt(tf.mul(tf.sum(tf.mul(first, first)), tf.sum(tf.mul(last, last))));
    const angle = tf.acos(tf.clipByValue(tf.div(dot, lengths), -MOST_ALIKE, MOST_ALIKE));
    const part = (share: tf.Tensor4D) => tf.div(tf.sin(tf.mul(share, angle)), tf.sin(angle));
    const share = tf.tensor4d([...shares], [shares.length, 1, 1, 1]);
    return tf.add<tf.Tensor4D>(tf.mul(part(tf.sub(1, share)), first), tf.mul(part(share), last));
  });
}
