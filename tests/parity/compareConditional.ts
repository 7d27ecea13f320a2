import * as tf from "@tensorflow/tfjs-core";
import { ddimStep } from "../../src/engine/diffusion/samplers/ddim.ts";
import { dpmpp2mStep } from "../../src/engine/diffusion/samplers/dpmpp2m.ts";
import { labelRows } from "../../src/engine/nn/embedding.ts";
import { lossAndGradient, parametersOf } from "../../src/engine/train/gradient.ts";
import { chunkCondition, guidedModel } from "../../src/engine/train/guidedModel.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import {
  batchOf,
  type Comparison,
  compareParameters,
  imagesOf,
  integersOf,
  OUTPUT_BOUND,
  type Reference,
  referenceParameters,
  referenceUnet,
} from "./reference.ts";
import { compareTraining } from "./training.ts";
import { compareTrajectory } from "./trajectory.ts";

const STEPS = { ddim: ddimStep, dpmpp_2m: dpmpp2mStep };

/** Every quantity of a file `conditional-*.safetensors`: a network that labels steer. */
export async function* compareConditional(reference: Reference): AsyncGenerator<Comparison> {
  const network = referenceUnet(reference);
  const { classes } = network;
  const schedule = sigmoidSchedule(1000);
  const values = tf.tensor1d(referenceParameters(reference, network, "weight"));
  const denoiser = { network, schedule, values };
  const parameters = parametersOf(network, values);
  const output = async (quantity: string, ours: tf.Tensor): Promise<Comparison> => {
    const error = relativeError(await ours.data(), reference.get(quantity).values);
    return { quantity, error, bound: OUTPUT_BOUND };
  };
  const inputs = { x: imagesOf(reference, "noise"), timesteps: integersOf(reference, "timesteps") };
  const labels = labelRows(integersOf(reference, "labels"), classes);
  yield output("unet_out", network.forward(parameters, { ...inputs, labels }));
  yield output("unet_out_without_labels", network.forward(parameters, inputs));

  const batch = batchOf(reference, "", classes);
  const { loss, gradient } = lossAndGradient(denoiser, batch);
  yield output("loss", loss);
  yield* compareParameters(reference, network, "grad", await gradient.data());
  (yield* compareTraining(reference, denoiser)).dispose();

  const asked = integersOf(reference, "sample_labels");
  for (const trajectory of reference.names) {
    const [, guidance, kind] =
      /^guidance([\d.]+)\.(ddim|dpmpp_2m)\.trajectory$/.exec(trajectory) ?? [];
    if (!kind) continue;
    const ofLabels = Array.from(asked, (label) => (label === classes ? null : label));
    const condition = chunkCondition({ labels: ofLabels, guidance: Number(guidance) }, classes, {
      start: 0,
      end: asked.length,
    });
    yield* compareTrajectory(reference, {
      model: guidedModel(network, parameters, condition),
      schedule,
      step: STEPS[kind as keyof typeof STEPS],
      draws: `guidance${guidance}.draws`,
      trajectory,
      isMapped: kind === "ddim",
    });
  }
}
