import * as tf from "@tensorflow/tfjs-core";
import { mixedAt, predictClippedStart, type SamplerStep, type StepOptions } from "../model.ts";
import { predictNoise } from "../objectiveFormulas.ts";
import { noiseScheduleOf } from "../schedule.ts";

/**
 * One step of DDIM (Song et al. 2021, eq. 12): the model gives x_0; from it eps is derived again, and both
 * are mixed at the next timestep, with fresh noise of
 * sigma = eta sqrt((1 - alphaBar / alphaBar') (1 - alphaBar') / (1 - alphaBar)) in it (eq. 16).
 * On the straight path it is Euler's step along eps - x_0, and eta has to be 0.
 */
export function ddimStep(options: StepOptions): SamplerStep {
  const { schedule, x, t, tNext, eta, noise } = options;
  return tf.tidy(() => {
    const { x0, mixing } = predictClippedStart(options);
    if (tNext < 0) return { x: tf.clone(x0), x0 };
    if (eta === 0) return { x: mixedAt(schedule, { x, x0, mixing }, [tNext]), x0 };
    const eps = predictNoise(x, x0, mixing);
    const { alphaBars } = noiseScheduleOf(schedule);
    const [alphaBar, next] = [t, tNext].map((at) => alphaBars[at]) as [number, number];
    const sigma = eta * Math.sqrt(((1 - alphaBar / next) * (1 - next)) / (1 - alphaBar));
    if (!noise) throw new Error(`DDIM with eta ${eta} needs fresh noise at t = ${t}, got none.`);
    const direction = tf.mul(eps, Math.sqrt(1 - next - sigma ** 2));
    const mean = tf.add(tf.mul(x0, Math.sqrt(next)), direction);
    return { x: tf.add<tf.Tensor4D>(mean, tf.mul(noise, sigma)), x0 };
  });
}
