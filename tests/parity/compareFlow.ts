import * as tf from "@tensorflow/tfjs-core";
import { mixingAt, qSample } from "../../src/engine/diffusion/forward.ts";
import { ddimStep } from "../../src/engine/diffusion/samplers/ddim.ts";
import { imageLosses, lossAndGradient } from "../../src/engine/train/gradient.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import {
  batchOf,
  type Comparison,
  compareParameters,
  modelOf,
  OUTPUT_BOUND,
  type Reference,
  referenceParameters,
  referenceUnet,
} from "./reference.ts";
import { compareTrajectory } from "./trajectory.ts";

/** Every quantity of a file `flow-*.safetensors`; of Euler, all trajectories that it has. */
export async function* compareFlow(reference: Reference): AsyncGenerator<Comparison> {
  const network = referenceUnet(reference);
  const values = tf.tensor1d(referenceParameters(reference, network, "weight"));
  // The straight path, whatever the noise schedule.
  const schedule = sigmoidSchedule(1000, "flow");
  const denoiser = { network, schedule, values };
  const batch = batchOf(reference, "");
  const output = async (quantity: string, ours: tf.Tensor): Promise<Comparison> => {
    const error = relativeError(await ours.data(), reference.get(quantity).values);
    return { quantity, error, bound: OUTPUT_BOUND };
  };

  yield output("x_t", qSample(batch.x0, batch.eps, mixingAt(schedule, batch.timesteps)));
  yield output("loss_per_sample", imageLosses(denoiser, batch));
  const { gradient } = lossAndGradient(denoiser, batch);
  yield* compareParameters(reference, network, "grad", await gradient.data());

  const model = modelOf(network, values);
  for (const trajectory of reference.names) {
    const [, numSteps] = /^euler\.(\d+)\.trajectory$/.exec(trajectory) ?? [];
    if (!numSteps) continue;
    const draws = `euler.${numSteps}.draws`;
    const step = ddimStep;
    const isMapped = false;
    yield* compareTrajectory(reference, { model, schedule, step, draws, trajectory, isMapped });
  }
}
