import * as tf from "@tensorflow/tfjs-core";
import { mixingAt, qSample } from "./forward.ts";
import type { Schedule } from "./schedule.ts";

export interface NoisedMidpoint {
  schedule: Schedule;
  /** Two images in [-1, 1], `[1, H, W, 1]` each. */
  pair: readonly [tf.Tensor4D, tf.Tensor4D];
  /** Standard normal noise for each, `[1, H, W, 1]`. */
  eps: readonly [tf.Tensor4D, tf.Tensor4D];
  /** Noise level, in [0, T). */
  t: number;
  /** Share of the second image, 0 to 1, `[B]`. */
  shares: readonly number[];
}

/**
 * Images between two others, still noisy: (1 - share) x_t + share x'_t, to be denoised from t - 1
 * on, as the library's `interpolate` does (Ho et al. 2020, section 4.3 and figure 8).
 *
 * @returns `[B, H, W, 1]`
 */
export function noisedMidpoint({ schedule, pair, eps, t, shares }: NoisedMidpoint): tf.Tensor4D {
  return tf.tidy(() => {
    const mixing = mixingAt(schedule, [t]);
    const [first, second] = pair.map((x0, i) => qSample(x0, eps[i] as tf.Tensor4D, mixing)) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const share = tf.tensor4d([...shares], [shares.length, 1, 1, 1]);
    return tf.add<tf.Tensor4D>(tf.mul(first, tf.sub(1, share)), tf.mul(second, share));
  });
}
