import * as tf from "@tensorflow/tfjs-core";
import { distillationTarget, studentSteps } from "../../src/engine/diffusion/distillation.ts";
import { mixingAt, qSample } from "../../src/engine/diffusion/forward.ts";
import { type Model, mixedAt } from "../../src/engine/diffusion/model.ts";
import { OBJECTIVE_FORMULAS, predictNoise } from "../../src/engine/diffusion/objectiveFormulas.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import { type Comparison, imagesOf, OUTPUT_BOUND, type Reference } from "./reference.ts";

/** The student of the files: its teacher takes 8 steps. */
const STUDENT_STEPS = 4;

/**
 * The targets `distil.<i>.{x_t,z_target,x0_target,v_target}` of a file `samplers-*.safetensors`, where i is the place
 * of a student's step among those of its teacher, from pure noise on.
 */
export async function* compareDistillation(
  reference: Reference,
  model: Model,
): AsyncGenerator<Comparison> {
  const schedule = sigmoidSchedule(1000);
  const steps = studentSteps(1000, STUDENT_STEPS).toReversed();
  for (const name of reference.names) {
    const [, place] = /^distil\.(\d+)\.x_t$/.exec(name) ?? [];
    const step = steps[Number(place) / 2];
    if (!step) continue;
    const [start, , end] = step;
    const x0 = tf.sub<tf.Tensor4D>(tf.mul(imagesOf(reference, "distil.images"), 2), 1);
    const mixing = mixingAt(schedule, [start]);
    const x = qSample(x0, imagesOf(reference, "distil.noise"), mixing);
    const ofAll = new Array(x.shape[0]).fill(step);
    const target = distillationTarget({ teacher: model, schedule, x, steps: ofAll });
    const eps = predictNoise(x, target, mixing);
    const ours = {
      x_t: x,
      x0_target: target,
      v_target: OBJECTIVE_FORMULAS.v.target({ x0: target, eps, mixing }),
      z_target: mixedAt(schedule, { x, x0: target, mixing }, [end]),
    };
    for (const [quantity, tensor] of Object.entries(ours)) {
      const expected = reference.get(`distil.${place}.${quantity}`).values;
      const error = relativeError(await tensor.data(), expected);
      yield { quantity: `distil.${place}.${quantity}`, error, bound: OUTPUT_BOUND };
    }
  }
}
