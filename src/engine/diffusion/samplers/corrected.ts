import * as tf from "@tensorflow/tfjs-core";
import { type Model, predictClippedStart, type SamplerStep, type StepOptions } from "../model.ts";
import { predictNoise } from "../objectiveFormulas.ts";
import { at, noiseScheduleOf, type Schedule } from "../schedule.ts";
import { ddimStep } from "./ddim.ts";

/**
 * A step of DDIM, the predictor, and one of Langevin dynamics at the noise level that it leads to, the corrector (Song et al.
 * 2021, algorithm 1). The last step is DDIM's alone.
 *
 * @param options.stepSize the signal-to-noise ratio of the correction; 0 is DDIM
 */
export function correctedStep(
  options: Omit<StepOptions, "eta"> & { stepSize: number },
): SamplerStep {
  const { model, schedule, tNext, stepSize: ratio, noise } = options;
  return tf.tidy(() => {
    const predicted = ddimStep({ ...options, eta: 0 });
    if (tNext < 0 || ratio === 0) return predicted;
    if (!noise) throw new Error(`A correction needs fresh noise at t = ${tNext}, got none.`);
    const { x, x0 } = predicted;
    const corrected = correctStep({ model, schedule, x, t: tNext, ratio, noise, isShared: false });
    return { x: corrected.x, x0 };
  });
}

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
  /** Whether all images take the step of the batch's mean norms, as in the paper, or each that of its own. */
  isShared: boolean;
}

/**
 * One step of Langevin dynamics at a noise level, along the score s = -eps / sigma and with fresh noise z: x + e s + sqrt(2 e) z,
 * with e = 2 alpha (r |z| / |s|)^2 and alpha = 1 - beta; the norms are those of whole images (Song et al. 2021, algorithm 5, which
 * averages them over the batch), and of points see `scaleOfStep`.
 *
 * @returns the images after it, and the x_0 that was predicted from those before it
 * @throws on the straight path, which has no noise schedule
 */
export function correctStep(options: CorrectionOptions): SamplerStep {
  const { schedule, x, t, ratio, noise, isShared } = options;
  const { betas } = noiseScheduleOf(schedule);
  return tf.tidy(() => {
    const { x0, mixing } = predictClippedStart({ ...options, before: null });
    const score = tf.mul<tf.Tensor4D>(predictNoise(x, x0, mixing), -1 / at(schedule.noises, t));
    // sqrt(e / (2 alpha)), of which both factors are made.
    const scale = scaleOfStep({ noise, score, ratio, isShared, level: at(schedule.noises, t) });
    const alpha = 1 - at(betas, t);
    const drift = tf.mul(score, tf.mul(tf.mul(scale, scale), 2 * alpha));
    const diffusion = tf.mul(noise, tf.mul(scale, 2 * Math.sqrt(alpha)));
    return { x: tf.add<tf.Tensor4D>(tf.add(x, drift), diffusion), x0 };
  });
}

/**
 * r |z| / |s|, `[1]`, a scalar or `[B, 1, 1, 1]`. The norms of many pixels are near to what is expected of them, whose ratio is the
 * noise level; those of the two numbers of a point are mostly chance, and |s| is often almost 0, so that for points it is the level.
 */
function scaleOfStep(of: {
  noise: tf.Tensor4D;
  score: tf.Tensor4D;
  ratio: number;
  isShared: boolean;
  level: number;
}): tf.Tensor {
  const { noise, score, ratio, isShared, level } = of;
  if (noise.size / noise.shape[0] <= 2) return tf.tensor1d([ratio * level]);
  const norm = isShared ? meanNorm : norms;
  return tf.div(tf.mul(norm(noise), ratio), norm(score));
}

/** The Euclidean norm of each image, `[B, 1, 1, 1]`. */
function norms(images: tf.Tensor4D): tf.Tensor {
  const [numImages] = images.shape;
  const rows = tf.reshape(images, [numImages, images.size / numImages]);
  return tf.reshape(tf.sqrt(tf.sum(tf.mul(rows, rows), 1)), [numImages, 1, 1, 1]);
}

/** Their mean over the batch, a scalar. */
function meanNorm(images: tf.Tensor4D): tf.Tensor {
  return tf.mean(norms(images));
}
