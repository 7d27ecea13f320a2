import * as tf from "@tensorflow/tfjs-core";
import { predictClippedStart, type SamplerStep, type StepOptions } from "../model.ts";
import { noiseScheduleOf } from "../schedule.ts";

/**
 * One step of ancestral sampling (Ho et al. 2020, algorithm 2): x_{t-1} from q(x_{t-1} | x_t, x_0)
 * with the x_0 that the model predicts, clipped to [-1, 1].
 */
export function ancestralStep(options: Omit<StepOptions, "tNext" | "eta">): SamplerStep {
  const { x, t, noise } = options;
  const schedule = noiseScheduleOf(options.schedule);
  return tf.tidy(() => {
    const { x0 } = predictClippedStart(options);
    const mean = tf.add<tf.Tensor4D>(
      tf.mul(x0, schedule.posteriorMeanX0Factors[t] as number),
      tf.mul(x, schedule.posteriorMeanXtFactors[t] as number),
    );
    if (t === 0) return { x: mean, x0 };
    if (!noise) throw new Error(`Ancestral sampling needs fresh noise at t = ${t}, got none.`);
    const deviation = Math.exp(0.5 * (schedule.posteriorLogVariancesClipped[t] as number));
    return { x: tf.add<tf.Tensor4D>(mean, tf.mul(noise, deviation)), x0 };
  });
}
