import * as tf from "@tensorflow/tfjs-core";
import { mixingAt, qSample } from "../forward.ts";
import { at, type Schedule } from "../schedule.ts";

/** The part of an image that is there already, and stays. */
export interface Known {
  /** `[B, H, W, 1]` in [-1, 1]; only where the mask is 1 does it count. */
  x0: tf.Tensor4D;
  /** `[B, H, W, 1]`, 1 where the image is known, 0 where it is to be filled in. */
  mask: tf.Tensor4D;
}

/**
 * Puts the known part, noised as far as timestep `t`, in place of what a sampler made of it (RePaint, Lugmayr et al. 2022,
 * algorithm 1, lines 4 to 8). At `t` = -1 it is the image itself, to the last bit.
 *
 * @param x `[B, H, W, 1]` at `t`
 * @param noise standard normal, `[B, H, W, 1]`; null at `t` = -1
 */
export function withKnown(
  schedule: Schedule,
  { x0, mask }: Known,
  { x, t, noise }: { x: tf.Tensor4D; t: number; noise: tf.Tensor4D | null },
): tf.Tensor4D {
  if (t >= 0 && !noise) throw new Error(`Filling in needs fresh noise at t = ${t}, got none.`);
  return tf.tidy(() => {
    const known = noise ? qSample(x0, noise, mixingAt(schedule, [t])) : x0;
    return tf.where<tf.Tensor4D>(tf.cast(mask, "bool"), known, x);
  });
}

/**
 * Noises images again, from timestep `t` back to `tBefore`, so that the next try fits the filled part better to the known
 * one (algorithm 1, line 10, over one or more steps of the sampler): k x + sqrt(sigma'^2 - k^2 sigma^2) eps with k = alpha' /
 * alpha, the factors of image and noise. With a noise schedule k is sqrt(alphaBar' / alphaBar).
 *
 * @param of.x `[B, H, W, 1]` at `t`, in [0, tBefore)
 * @param of.noise standard normal, `[B, H, W, 1]`
 */
export function noisedBack(
  { signals, noises }: Schedule,
  { x, t, tBefore, noise }: { x: tf.Tensor4D; t: number; tBefore: number; noise: tf.Tensor4D },
): tf.Tensor4D {
  const kept = at(signals, tBefore) / at(signals, t);
  const added = Math.sqrt(at(noises, tBefore) ** 2 - (kept * at(noises, t)) ** 2);
  return tf.tidy(() => tf.add(tf.mul(x, kept), tf.mul(noise, added)));
}
