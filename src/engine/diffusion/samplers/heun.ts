import * as tf from "@tensorflow/tfjs-core";
import { mixedAt, predictClippedStart, type SamplerStep, type StepOptions } from "../model.ts";
import { predictNoise } from "../objectiveFormulas.ts";
import { isStraight } from "../objectives.ts";

/**
 * One step of Heun's method (Karras et al. 2022, algorithm 1) in their variables x / alpha and
 * sigma / alpha, with alpha and sigma the factors of image and noise: there the slope is eps, from the x_0
 * that the model predicts, clipped to [-1, 1]. A step of Euler, which is DDIM's with eta 0, leads to x'; with
 * the slope eps' there, the step is taken again along the mean of both:
 * x' + (sigma' - alpha' sigma / alpha) (eps' - eps) / 2. The last step is Euler's.
 * On the straight path the variables are x and sigma, and the slope is eps - x_0, not clipped.
 *
 * From timestep T - 1 it fails, except on the straight path: sigma / alpha falls from about 1,800 to below 10, and half of
 * that, times how much eps changes, is more than the noise itself. Karras et al. begin at 80. `DigitSampler` takes that one
 * step with DDIM.
 */
export function heunStep(options: Omit<StepOptions, "eta" | "noise">): SamplerStep {
  const { schedule, x, t, tNext } = options;
  const { signals, noises } = schedule;
  const hasFlow = isStraight(schedule.objective);
  const slopeOf = (x0: tf.Tensor4D, eps: tf.Tensor4D) => (hasFlow ? tf.sub(eps, x0) : eps);
  return tf.tidy(() => {
    const { x0, mixing } = predictClippedStart(options);
    if (tNext < 0) return { x: tf.clone(x0), x0 };
    const eps = predictNoise(x, x0, mixing);
    const euler = mixedAt(schedule, { x, x0, mixing }, [tNext]);
    const there = predictClippedStart({ ...options, x: euler, t: tNext, before: { x0 } });
    const epsThere = predictNoise(euler, there.x0, there.mixing);
    const ratio = hasFlow ? 1 : (signals[tNext] as number) / (signals[t] as number);
    const change = (noises[tNext] as number) - ratio * (noises[t] as number);
    const slopes = tf.sub(slopeOf(there.x0, epsThere), slopeOf(x0, eps));
    return { x: tf.add<tf.Tensor4D>(euler, tf.mul(slopes, change / 2)), x0 };
  });
}
