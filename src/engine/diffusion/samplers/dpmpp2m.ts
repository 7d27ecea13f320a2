import * as tf from "@tensorflow/tfjs-core";
import { predictClippedStart, type SamplerStep, type StepOptions } from "../model.ts";
import { at, type Schedule } from "../schedule.ts";

/**
 * One step of DPM-Solver++(2M) (Lu et al. 2022, algorithm 2): with alpha and sigma the factors of image and
 * noise, lambda = log(alpha / sigma) and h = lambda' - lambda,
 * x' = (sigma' / sigma) x + (alpha' - alpha sigma' / sigma) D, where alpha' - alpha sigma' / sigma is
 * alpha' (1 - exp(-h)), and D is the x_0 that the model predicts, clipped to [-1, 1] but on the straight path, extrapolated by
 * (x_0 - x_0 of the step before) h / (2 h of the step before). First and last step take D = x_0.
 */
export function dpmpp2mStep(options: Omit<StepOptions, "eta" | "noise">): SamplerStep {
  const { schedule, x, before, t, tNext } = options;
  return tf.tidy(() => {
    const { x0 } = predictClippedStart(options);
    if (tNext < 0) return { x: tf.clone(x0), x0 };
    const [alpha, alphaNext] = [at(schedule.signals, t), at(schedule.signals, tNext)];
    const [sigma, sigmaNext] = [at(schedule.noises, t), at(schedule.noises, tNext)];
    const estimate = before
      ? tf.add(x0, tf.mul(tf.sub(x0, before.x0), lookAhead(schedule, [before.t, t, tNext])))
      : x0;
    return {
      x: tf.add<tf.Tensor4D>(
        tf.mul(x, sigmaNext / sigma),
        tf.mul(estimate, alphaNext - (alpha * sigmaNext) / sigma),
      ),
      x0,
    };
  });
}

/** h / (2 h of the step before); 0 after a step from pure noise, where lambda is -Infinity. */
function lookAhead({ signals, noises }: Schedule, times: [number, number, number]): number {
  const lambda = (t: number) => Math.log(at(signals, t) / at(noises, t));
  const [before, now, next] = times;
  return (lambda(next) - lambda(now)) / (2 * (lambda(now) - lambda(before)));
}
