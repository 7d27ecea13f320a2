import { dpmpp2mStep } from "../../src/engine/diffusion/samplers/dpmpp2m.ts";
import { heunStep } from "../../src/engine/diffusion/samplers/heun.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import { compareDistillation } from "./compareDistillation.ts";
import { type Comparison, type Reference, referenceModel } from "./reference.ts";
import { compareTrajectory } from "./trajectory.ts";

const STEPS = { dpmpp_2m: dpmpp2mStep, heun: heunStep };

/** The trajectories `<sampler>.<number of steps>.trajectory` of a file `samplers-*.safetensors`, and its targets of distillation. */
export async function* compareSamplers(reference: Reference): AsyncGenerator<Comparison> {
  const model = referenceModel(reference);
  const schedule = sigmoidSchedule(1000);
  for (const trajectory of reference.names) {
    const [, kind, numSteps] = /^(dpmpp_2m|heun)\.(\d+)\.trajectory$/.exec(trajectory) ?? [];
    if (!kind) continue;
    const step = STEPS[kind as keyof typeof STEPS];
    const draws = `${kind}.${numSteps}.draws`;
    yield* compareTrajectory(reference, {
      model,
      schedule,
      step,
      draws,
      trajectory,
      isMapped: false,
    });
  }
  yield* compareDistillation(reference, model);
}
