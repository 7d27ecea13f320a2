import * as tf from "@tensorflow/tfjs-core";
import { gather, mixingAt, qSample } from "../diffusion/forward.ts";
import { targetV } from "../diffusion/objective.ts";
import { type Schedule, sigmoidSchedule } from "../diffusion/schedule.ts";
import {
  byName,
  initialValues,
  joinParameters,
  type Parameters,
  splitParameters,
} from "../nn/parameters.ts";
import { createUnet, type Unet, type UnetConfig } from "../nn/unet.ts";
import { diffusionLoss, lossPerImage } from "../ops/diffusionLoss.ts";

/** Images with the noise and the timestep each is to be denoised from. */
export interface NoisyBatch {
  /** In [-1, 1], `[B, H, W, 1]`. */
  x0: tf.Tensor4D;
  /** Standard normal, `[B, H, W, 1]`. */
  eps: tf.Tensor4D;
  /** In [0, T), `[B]`. */
  timesteps: Int32Array;
}

/** What the loss needs: a network, its parameters in one tensor `[P]`, and the schedule. */
export interface Denoiser {
  unet: Unet;
  values: tf.Tensor1D;
  schedule: Schedule;
}

/** A network with the start values of its seed; the caller disposes `values`. */
export function untrainedDenoiser(
  config: UnetConfig & { timesteps: number; seed: number },
): Denoiser {
  const unet = createUnet(config);
  const values = tf.tensor1d(initialValues(unet.parameters, config.seed));
  return { unet, values, schedule: sigmoidSchedule(config.timesteps) };
}

/** Of a batch: the loss summed over its images, and the gradient of that, `[P]`. */
export type LossAndGradient = { lossSum: tf.Scalar; gradient: tf.Tensor1D };

/** One forward-backward pass. The caller disposes the result. */
export function lossAndGradient(
  { unet, values, schedule }: Denoiser,
  batch: NoisyBatch,
): LossAndGradient {
  return tf.tidy(() => {
    const { xT, target, weights } = denoisingTask(schedule, batch);
    const lossOf = (...parameters: tf.Tensor[]) => {
      const v = unet.forward(byName(unet.parameters, parameters), xT, batch.timesteps);
      return diffusionLoss(v, target, weights);
    };
    const parts = splitParameters(unet.parameters, values);
    const { value, grads } = tf.valueAndGrads(lossOf)(parts);
    return { lossSum: value as tf.Scalar, gradient: joinParameters(grads) };
  });
}

/**
 * The loss of each image, without gradient.
 *
 * @returns `[B]`
 */
export function imageLosses({ unet, values, schedule }: Denoiser, batch: NoisyBatch): tf.Tensor1D {
  return tf.tidy(() => {
    const { xT, target, weights } = denoisingTask(schedule, batch);
    const v = unet.forward(parametersOf(unet, values), xT, batch.timesteps);
    return lossPerImage(v, target, weights);
  });
}

/** The parameters of a network by name, as the network takes them. */
export function parametersOf(unet: Unet, values: tf.Tensor1D): Parameters {
  return byName(unet.parameters, splitParameters(unet.parameters, values));
}

function denoisingTask(schedule: Schedule, { x0, eps, timesteps }: NoisyBatch) {
  const mixing = mixingAt(schedule, timesteps);
  return {
    xT: qSample(x0, eps, mixing),
    target: targetV(x0, eps, mixing),
    weights: gather(schedule.lossWeights, timesteps),
  };
}
