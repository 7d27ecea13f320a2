import * as tf from "@tensorflow/tfjs-core";
import { mixingAt, qSample } from "../../src/engine/diffusion/forward.ts";
import type { Model, SamplerStep, StepOptions } from "../../src/engine/diffusion/model.ts";
import { ancestralStep } from "../../src/engine/diffusion/samplers/ancestral.ts";
import { ddimStep } from "../../src/engine/diffusion/samplers/ddim.ts";
import { evenTimesteps } from "../../src/engine/diffusion/samplers.ts";
import { numElements } from "../../src/engine/nn/parameters.ts";
import { adamW } from "../../src/engine/optim/adamw.ts";
import { globalNorm } from "../../src/engine/optim/clip.ts";
import {
  type Denoiser,
  imageLosses,
  lossAndGradient,
  type NoisyBatch,
  parametersOf,
} from "../../src/engine/train/gradient.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import {
  imagesOf,
  type Reference,
  referenceParameters,
  referenceUnet,
  timestepsOf,
} from "./reference.ts";

export interface Comparison {
  quantity: string;
  /** Norm of the difference over the norm of the reference. */
  error: number;
  /** What the error may be at most. */
  bound: number;
}

/** Outputs, losses and trajectories; float32 sums in another order move them by less. */
const OUTPUT_BOUND = 1e-4;
/** Each gradient and each trained parameter tensor. */
const PARAMETER_BOUND = 1e-3;

const NUM_PIXELS = 784;
const NUM_SAMPLING_STEPS = 10;
const ADAMW = {
  learningRate: 4e-4,
  config: { beta1: 0.9, beta2: 0.999, adamEps: 1e-8, weightDecay: 0.01 },
};

/** Every quantity of a file `unet-*.safetensors`, on the backend that is set. */
export async function* compareUnet(reference: Reference): AsyncGenerator<Comparison> {
  const unet = referenceUnet(reference);
  const schedule = sigmoidSchedule(1000);
  const start = referenceParameters(reference, unet, "weight");
  const numImages = timestepsOf(reference, "timesteps").length;
  const values = tf.tensor1d(start);
  const denoiser: Denoiser = { unet, schedule, values };
  // In a tidy, since a large network's parameters are split anew for every call.
  const forwardOf =
    (of: tf.Tensor1D): Model =>
    (x, timesteps, x0Before) =>
      tf.tidy(() => unet.forward(parametersOf(unet, of), { x, timesteps, x0Before }));
  const model = forwardOf(values);
  const outputOf = (of: tf.Tensor1D) =>
    forwardOf(of)(imagesOf(reference, "noise"), timestepsOf(reference, "timesteps"), null);
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

  const { lossSum, gradient } = lossAndGradient(denoiser, batch);
  const meanGradient = tf.div<tf.Tensor1D>(gradient, numImages);
  yield output("loss", tf.div(lossSum, numImages));
  yield { ...(await output("grad_norm", globalNorm(meanGradient))), bound: PARAMETER_BOUND };
  yield* parameterErrors("grad", await meanGradient.data());

  yield* trainedQuantities();
  yield* trajectory("ddim", 0);
  yield* trajectory("ddim_eta1", 1);

  const of = (name: string) => imagesOf(reference, `ancestral.${name}`);
  const at = { model, schedule, x: of("x_t"), before: null, t: 500, noise: of("noise") };
  const { x, x0 } = ancestralStep(at);
  yield output("ancestral.x_prev", x);
  yield output("ancestral.x_start", x0);

  /** Five steps of AdamW from the start. */
  async function* trainedQuantities(): AsyncGenerator<Comparison> {
    let trained = tf.tensor1d(start);
    let state = { mean: tf.zerosLike(trained), square: tf.zerosLike(trained) };
    const losses: number[] = [];
    for (let step = 1; step <= 5; step++) {
      const at = { ...denoiser, values: trained };
      const result = lossAndGradient(at, batchOf(reference, `train.${step - 1}.`));
      const [sum] = await result.lossSum.data();
      losses.push((sum as number) / numImages);
      const mean = tf.div<tf.Tensor1D>(result.gradient, numImages);
      const next = adamW({ values: trained, gradient: mean, state, step, ...ADAMW });
      tf.dispose([result.gradient, mean, trained, state.mean, state.square]);
      trained = next.values;
      state = next.state;
    }
    yield {
      quantity: "train.losses",
      error: relativeError(losses, reference.get("train.losses").values),
      bound: OUTPUT_BOUND,
    };
    yield* parameterErrors("trained", await trained.data());
    yield output("trained_unet_out", outputOf(trained));
  }

  /** Every frame of a DDIM trajectory. */
  async function* trajectory(name: string, eta: number): AsyncGenerator<Comparison> {
    const draws = reference.get(`${name}.draws`).values as Float32Array;
    const size = numImages * NUM_PIXELS;
    const drawAt = (i: number) =>
      tf.tensor4d(draws.slice(i * size, (i + 1) * size), [numImages, 28, 28, 1]);
    const expected = reference.get(`${name}.trajectory`).values; // [B, 11, 1, 28, 28] in [0, 1]
    const numFrames = NUM_SAMPLING_STEPS + 1;
    const times = evenTimesteps(1000, NUM_SAMPLING_STEPS);
    let x = drawAt(0);
    let before: StepOptions["before"] = null;
    for (let frame = 0; frame < numFrames; frame++) {
      if (frame > 0) {
        const [t, tNext] = times.slice(frame - 1) as [number, number];
        const noise = tNext < 0 ? null : drawAt(frame);
        const next: SamplerStep = ddimStep({ model, schedule, x, before, t, tNext, eta, noise });
        x = next.x;
        before = { t, x0: next.x0 };
      }
      const ours = Array.from(await x.data(), (value) => (value + 1) / 2);
      const theirs = Array.from({ length: numImages }, (_, image) => {
        const offset = (image * numFrames + frame) * NUM_PIXELS;
        return Array.from(expected.slice(offset, offset + NUM_PIXELS));
      }).flat();
      const error = relativeError(ours, theirs);
      yield { quantity: `${name}.trajectory, frame ${frame}`, error, bound: OUTPUT_BOUND };
    }
  }

  /** One comparison for every parameter `<prefix>.<name>`. */
  function* parameterErrors(prefix: string, flat: ArrayLike<number>): Generator<Comparison> {
    const expected = referenceParameters(reference, unet, prefix);
    const actual = Float32Array.from(flat);
    let offset = 0;
    for (const { name, shape } of unet.parameters) {
      const end = offset + numElements(shape);
      const error = relativeError(actual.subarray(offset, end), expected.subarray(offset, end));
      yield { quantity: `${prefix}.${name}`, error, bound: PARAMETER_BOUND };
      offset = end;
    }
  }
}

function batchOf(reference: Reference, prefix: string): NoisyBatch {
  const images = imagesOf(reference, `${prefix}images`);
  return {
    x0: tf.sub(tf.mul(images, 2), 1),
    eps: imagesOf(reference, `${prefix}noise`),
    timesteps: timestepsOf(reference, `${prefix}timesteps`),
  };
}
