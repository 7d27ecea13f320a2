import * as tf from "@tensorflow/tfjs-core";
import { type Model, predictClippedStart } from "../model.ts";
import { predictNoise } from "../objectiveFormulas.ts";
import { at, noiseScheduleOf, type Schedule } from "../schedule.ts";

export interface CorrectionOptions {
  model: Model;
  schedule: Schedule;
  /** `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  /** The timestep of `x`, in [0, T). */
  t: number;
  /** The signal-to-noise ratio r of a step, above 0. */
  ratio: number;
  /** Standard normal, `[B, H, W, 1]`. */
  noise: tf.Tensor4D;
}

/**
 * One step of Langevin dynamics at a noise level, along the score s = -eps / sigma and with fresh noise z: x + e s + sqrt(2 e) z,
 * with e = 2 alpha (r |z| / |s|)^2 and alpha = 1 - beta; the norms are those of whole images, averaged over the batch
 * (Song et al. 2021, algorithm 5). Alone, at falling noise levels, it is annealed Langevin sampling (Song and Ermon 2019).
 *
 * @throws on the straight path, which has no noise schedule
 */
export function correctStep(options: CorrectionOptions): tf.Tensor4D {
  const { schedule, x, t, ratio, noise } = options;
  const { betas } = noiseScheduleOf(schedule);
  return tf.tidy(() => {
    const { x0, mixing } = predictClippedStart({ ...options, before: null });
    const score: tf.Tensor4D = tf.neg(tf.div(predictNoise(x, x0, mixing), mixing.noise));
    const stepSize = tf.mul(
      tf.square(tf.mul(tf.div(meanNorm(noise), meanNorm(score)), ratio)),
      2 * (1 - at(betas, t)),
    );
    const drift = tf.mul<tf.Tensor4D>(score, stepSize);
    return tf.addN<tf.Tensor4D>([x, drift, tf.mul(noise, tf.sqrt(tf.mul(stepSize, 2)))]);
  });
}

/** Mean over the batch of the Euclidean norm of each image, a scalar. */
function meanNorm(images: tf.Tensor4D): tf.Scalar {
  return tf.mean<tf.Scalar>(tf.sqrt(tf.sum(tf.square(images), [1, 2, 3])));
}
