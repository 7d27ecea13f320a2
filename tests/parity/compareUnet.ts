import * as tf from "@tensorflow/tfjs-core";
import { mixingAt, qSample } from "../../src/engine/diffusion/forward.ts";
import { ancestralStep } from "../../src/engine/diffusion/samplers/ancestral.ts";
import { ddimStep } from "../../src/engine/diffusion/samplers/ddim.ts";
import { globalNorm } from "../../src/engine/optim/clip.ts";
import { type Denoiser, imageLosses, lossAndGradient } from "../../src/engine/train/gradient.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import {
  batchOf,
  type Comparison,
  compareParameters,
  imagesOf,
  integersOf,
  modelOf,
  OUTPUT_BOUND,
  PARAMETER_BOUND,
  type Reference,
  referenceParameters,
  referenceUnet,
} from "./reference.ts";
import { compareTraining } from "./training.ts";
import { compareTrajectory } from "./trajectory.ts";

/** Every quantity of a file `unet-*.safetensors`, on the backend that is set. */
export async function* compareUnet(reference: Reference): AsyncGenerator<Comparison> {
  const network = referenceUnet(reference);
  const schedule = sigmoidSchedule(1000);
  const start = referenceParameters(reference, network, "weight");
  const values = tf.tensor1d(start);
  const denoiser: Denoiser = { network, schedule, values };
  const model = modelOf(network, values);
  const outputOf = (of: tf.Tensor1D) =>
    modelOf(network, of)(imagesOf(reference, "noise"), integersOf(reference, "timesteps"), null);
  const output = async (quantity: string, ours: tf.Tensor): Promise<Comparison> => {
    const error = relativeError(await ours.data(), reference.get(quantity).values);
    return { quantity, error, bound: OUTPUT_BOUND };
  };

  const numParameters = Number(reference.metadata.parameters);
  yield {
    quantity: "number of parameters",
    error: Math.abs(start.length / numParameters - 1),
    bound: 0,
  };
  yield output("unet_out", outputOf(values));

  const batch = batchOf(reference, "");
  yield output("x_t", qSample(batch.x0, batch.eps, mixingAt(schedule, batch.timesteps)));
  for (const objective of ["v", "noise", "x0"] as const) {
    const of = { ...denoiser, schedule: sigmoidSchedule(1000, objective) };
    yield output(`loss_per_sample.pred_${objective}`, imageLosses(of, batch));
  }

  const { loss, gradient } = lossAndGradient(denoiser, batch);
  yield output("loss", loss);
  yield { ...(await output("grad_norm", globalNorm(gradient))), bound: PARAMETER_BOUND };
  yield* compareParameters(reference, network, "grad", await gradient.data());

  const trained = yield* compareTraining(reference, denoiser);
  yield output("trained_unet_out", outputOf(trained));
  for (const [name, eta] of [
    ["ddim", 0],
    ["ddim_eta1", 1],
  ] as const) {
    const [draws, trajectory] = [`${name}.draws`, `${name}.trajectory`];
    const options = { model, schedule, step: ddimStep, eta, draws, trajectory };
    yield* compareTrajectory(reference, { ...options, isMapped: true });
  }

  const of = (name: string) => imagesOf(reference, `ancestral.${name}`);
  const at = { model, schedule, x: of("x_t"), before: null, t: 500, noise: of("noise") };
  const { x, x0 } = ancestralStep(at);
  yield output("ancestral.x_prev", x);
  yield output("ancestral.x_start", x0);
}
