import * as tf from "@tensorflow/tfjs-core";
import { type Mixing, mixingAt } from "./forward.ts";
import { OBJECTIVE_FORMULAS } from "./objectiveFormulas.ts";
import type { Schedule } from "./schedule.ts";

/**
 * A network as a sampler sees it: images `[B, H, W, 1]`, a timestep each, and the x_0 that it
 * predicted the step before (for self-conditioning; null at the first), to its prediction.
 */
export type Model = (
  x: tf.Tensor4D,
  timesteps: Int32Array,
  x0Before: tf.Tensor4D | null,
) => tf.Tensor4D;

/** What a sampler makes of one step. */
export type SamplerStep = {
  /** The images after the step, `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  /** The finished images as predicted now, in [-1, 1]. */
  x0: tf.Tensor4D;
};

/** The x_0 that the model predicts at timestep t, clipped to the range of images. */
export function predictClippedStart(at: {
  model: Model;
  schedule: Schedule;
  x: tf.Tensor4D;
  x0Before: tf.Tensor4D | null;
  t: number;
}): { x0: tf.Tensor4D; mixing: Mixing } {
  const { model, schedule, x, x0Before, t } = at;
  const mixing = mixingAt(schedule, [t]);
  const prediction = model(x, new Int32Array(x.shape[0]).fill(t), x0Before);
  const { predictStart } = OBJECTIVE_FORMULAS[schedule.objective];
  const x0 = predictStart({ xT: x, prediction, mixing });
  return { x0: tf.clipByValue(x0, -1, 1), mixing };
}
