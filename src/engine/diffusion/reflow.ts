import * as tf from "@tensorflow/tfjs-core";
import { type Model, mixedAt, predictClippedStart } from "./model.ts";
import type { Schedule } from "./schedule.ts";
import { evenTimesteps } from "./spacings.ts";

/**
 * Where noise flows to along a trained flow, by Euler's method. Reflow trains the next flow on such pairs of noise and sample
 * instead of noise and data drawn apart from each other: their straight lines cross less, so that the next flow is straighter and
 * needs fewer steps (Liu, Gong and Liu 2023, section 2.2).
 *
 * @param options.eps standard normal, `[B, H, W, 1]`
 * @param options.numSteps Euler steps, even in t, 1 to T
 * @returns `[B, H, W, 1]`
 */
export function flowedFrom(options: {
  model: Model;
  schedule: Schedule;
  eps: tf.Tensor4D;
  numSteps: number;
}): tf.Tensor4D {
  const { model, schedule, eps, numSteps } = options;
  return tf.tidy(() => {
    const times = evenTimesteps(schedule.numTimesteps, numSteps);
    let x = eps;
    for (const [i, t] of times.slice(0, -1).entries()) {
      const predicted = predictClippedStart({ model, schedule, x, t, before: null });
      x = mixedAt(schedule, { ...predicted, x }, [times[i + 1] as number]);
    }
    return x;
  });
}
