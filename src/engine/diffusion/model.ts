import * as tf from "@tensorflow/tfjs-core";
import { type Mixing, mixingAt } from "./forward.ts";
import { OBJECTIVE_FORMULAS } from "./objectiveFormulas.ts";
import { isStraight } from "./objectives.ts";
import type { Schedule } from "./schedule.ts";

/**
 * A network as a sampler calls it: from images `[B, H, W, 1]`, a timestep for each, and the x_0 predicted
 * in the step before (for self-conditioning; null at the first step) to its prediction.
 */
export type Model = (
  x: tf.Tensor4D,
  timesteps: Int32Array,
  x0Before: tf.Tensor4D | null,
) => tf.Tensor4D;

export interface StepOptions {
  model: Model;
  schedule: Schedule;
  /** `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  /** Timestep and predicted x_0 of the step before; null at the first step. */
  before: { t: number; x0: tf.Tensor4D } | null;
  /** The timestep of `x`, in [0, T). */
  t: number;
  /** The timestep after the step, in [-1, t); -1 is the finished image. */
  tNext: number;
  /** See `SamplerSettings`; 0 where the sampler has none. */
  eta: number;
  /** Standard normal, `[B, H, W, 1]`; null where the sampler needs none, and at its last step. */
  noise: tf.Tensor4D | null;
}

export type SamplerStep = {
  /** The images after the step, `[B, H, W, 1]`. */
  x: tf.Tensor4D;
  /** The finished images as predicted in this step; in [-1, 1] but on the straight path. */
  x0: tf.Tensor4D;
};

/**
 * The x_0 that the model predicts at timestep t, clipped to the range of images. On the straight path it is
 * left as it is: its samplers follow eps - x_0 as the network predicts it.
 */
export function predictClippedStart(options: Omit<StepOptions, "tNext" | "eta" | "noise">): {
  x0: tf.Tensor4D;
  mixing: Mixing;
} {
  const { model, schedule, x, before, t } = options;
  const mixing = mixingAt(schedule, [t]);
  const prediction = model(x, new Int32Array(x.shape[0]).fill(t), before?.x0 ?? null);
  const { predictStart } = OBJECTIVE_FORMULAS[schedule.objective];
  const x0 = predictStart({ xT: x, prediction, mixing });
  return { x0: isStraight(schedule.objective) ? x0 : tf.clipByValue(x0, -1, 1), mixing };
}
