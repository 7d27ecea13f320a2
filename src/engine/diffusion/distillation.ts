/**
 * Progressive distillation (Salimans and Ho 2022, algorithm 2): a student learns to do two DDIM steps of its
 * teacher in one.
 */
import * as tf from "@tensorflow/tfjs-core";
import { mixingAt } from "./forward.ts";
import { type Model, mixedAt, predictClippedStart } from "./model.ts";
import type { Schedule } from "./schedule.ts";
import { evenTimesteps } from "./spacings.ts";

/** A step of the student over two of the teacher: timesteps, falling; -1 is the finished image. */
export type StudentStep = readonly [start: number, middle: number, end: number];

/**
 * The steps of a student, from the finished image to pure noise; its teacher has twice as many, even in t.
 *
 * @param numSteps 1 to T / 2
 */
export function studentSteps(numTimesteps: number, numSteps: number): StudentStep[] {
  const times = evenTimesteps(numTimesteps, 2 * numSteps).toReversed();
  return Array.from({ length: numSteps }, (_, i) => {
    const [end, middle, start] = times.slice(2 * i) as [number, number, number];
    return [start, middle, end];
  });
}

/**
 * The x_0 with which one DDIM step of the student ends where two of the teacher do,
 * (z'' - sigma''/sigma x_t) / (alpha'' - sigma''/sigma alpha), where z'' is the teacher's result and the
 * factors without marks are those at the start.
 *
 * @param options.x the images at the start, `[B, H, W, 1]`
 * @param options.steps of each image, `[B]`
 * @returns `[B, H, W, 1]`
 */
export function distillationTarget(options: {
  teacher: Model;
  schedule: Schedule;
  x: tf.Tensor4D;
  steps: readonly StudentStep[];
}): tf.Tensor4D {
  const { teacher: model, schedule, x, steps } = options;
  return tf.tidy(() => {
    const [start, middle, end] = [0, 1, 2].map((i) =>
      Int32Array.from(steps, (step) => step[i] as number),
    ) as [Int32Array, Int32Array, Int32Array];
    const first = predictClippedStart({ model, schedule, x, t: start, before: null });
    const halfway = mixedAt(schedule, { ...first, x }, middle);
    const second = predictClippedStart({ model, schedule, x: halfway, t: middle, before: first });
    const target = mixedAt(schedule, { ...second, x: halfway }, end);
    const [from, to] = [mixingAt(schedule, start), mixingAt(schedule, end)];
    const share = tf.div(to.noise, from.noise);
    return tf.div<tf.Tensor4D>(
      tf.sub(target, tf.mul(share, x)),
      tf.sub(to.signal, tf.mul(share, from.signal)),
    );
  });
}
