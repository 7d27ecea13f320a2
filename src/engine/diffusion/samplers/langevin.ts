import * as tf from "@tensorflow/tfjs-core";
import { predictClippedStart, type SamplerStep, type StepOptions } from "../model.ts";
import { correctStep } from "./corrected.ts";

/**
 * A step of annealed Langevin dynamics (Song and Ermon 2019, algorithm 1): the images are taken as images of the next noise level,
 * and the score there and fresh noise move them toward it; nothing else takes noise away. The last step is the network's
 * prediction.
 *
 * @param options.stepSize the signal-to-noise ratio of the step, above 0
 * @throws Error without fresh noise, but in the last step; on the straight path, which has no noise schedule
 */
export function langevinStep(
  options: Omit<StepOptions, "eta"> & { stepSize: number },
): SamplerStep {
  const { model, schedule, x, t, tNext, stepSize: ratio, noise } = options;
  if (tNext < 0) {
    return tf.tidy(() => {
      const { x0 } = predictClippedStart({ model, schedule, x, t, before: null });
      return { x: tf.clone(x0), x0 };
    });
  }
  if (!noise) throw new Error(`Langevin dynamics need fresh noise at t = ${tNext}, got none.`);
  return tf.tidy(() =>
    correctStep({ model, schedule, x, t: tNext, ratio, noise, isShared: false }),
  );
}
