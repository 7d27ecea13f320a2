import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { gather, mixingAt, qSample } from "../diffusion/forward.ts";
import { OBJECTIVE_FORMULAS } from "../diffusion/objectiveFormulas.ts";
import { createSchedule, type Schedule } from "../diffusion/schedule.ts";
import { byName, initialValues, type Parameters } from "../nn/parameters.ts";
import type { DropoutMask } from "../nn/resnetBlock.ts";
import { createUnet, type Unet } from "../nn/unet.ts";
import { diffusionLoss, lossPerImage } from "../ops/diffusionLoss.ts";
import { joinGradients, splitParameters } from "../ops/parameterVector.ts";
import { vjp } from "../ops/tape.ts";

/** Images, with the noise and the timestep that each is noised with. */
export interface NoisyBatch {
  /** In [-1, 1], `[B, H, W, 1]`. */
  x0: tf.Tensor4D;
  /** Standard normal, `[B, H, W, 1]`. */
  eps: tf.Tensor4D;
  /** In [0, T), `[B]`. */
  timesteps: Int32Array;
  /** For a network with classes, see `labelRows`. */
  labels?: tf.Tensor2D | null;
}

/** What training changes in the forward pass besides adding noise. */
export interface Regularization {
  /** Whether the network also gets its own first prediction of the images (Chen et al. 2022). */
  selfConditions: boolean;
  dropout?: DropoutMask | undefined;
}

/** A network, its parameters in one tensor `[P]`, and the schedule. */
export interface Denoiser {
  unet: Unet;
  values: tf.Tensor1D;
  schedule: Schedule;
}

/**
 * The network of a configuration. The caller disposes its `values`.
 *
 * @param values `[P]`; null for the initial weights of the seed
 */
export function denoiserOf(config: RunConfig, values: Float32Array | null): Denoiser {
  const unet = createUnet(config);
  return {
    unet,
    values: tf.tensor1d(values ?? initialValues(unet.parameters, config.seed)),
    schedule: createSchedule(config),
  };
}

/** The mean loss of a batch, or a pass' part of it, and the gradient, `[P]`. */
export type LossAndGradient = { loss: tf.Scalar; gradient: tf.Tensor1D };

/**
 * One forward-backward pass. The caller disposes the result.
 *
 * @param options.numImages in the whole batch, of which these may be a part
 */
export function lossAndGradient(
  { unet, values, schedule }: Denoiser,
  batch: NoisyBatch,
  options: Partial<Regularization> & { numImages?: number } = {},
): LossAndGradient {
  const { selfConditions = false, dropout, numImages = batch.timesteps.length } = options;
  return tf.tidy(() => {
    const { xT, mixing, target, weights } = denoisingTask(schedule, batch, numImages);
    const parts = splitParameters(unet.parameters, values);
    const p = byName(unet.parameters, parts);
    const { timesteps, labels = null } = batch;
    const x0Before = selfConditions
      ? tf.tidy(() => {
          const prediction = unet.forward(p, { x: xT, timesteps, dropout, labels });
          return OBJECTIVE_FORMULAS[schedule.objective].predictStart({ xT, prediction, mixing });
        })
      : null;
    const inputs = { x: xT, timesteps, x0Before, dropout, labels };
    const { value: prediction, pullback } = vjp(() => unet.forward(p, inputs), parts);
    const { loss, slope } = diffusionLoss(prediction, target, weights);
    return { loss, gradient: joinGradients(unet.parameters, pullback(slope)) };
  });
}

/** The loss of each image, `[B]`, without gradient. */
export function imageLosses({ unet, values, schedule }: Denoiser, batch: NoisyBatch): tf.Tensor1D {
  return tf.tidy(() => {
    const { xT, target, weights } = denoisingTask(schedule, batch);
    const inputs = { x: xT, timesteps: batch.timesteps, labels: batch.labels ?? null };
    return lossPerImage(unet.forward(parametersOf(unet, values), inputs), target, weights);
  });
}

/** The parameters of a network by name, as `Unet.forward` takes them. */
export function parametersOf(unet: Unet, values: tf.Tensor1D): Parameters {
  return byName(unet.parameters, splitParameters(unet.parameters, values));
}

/** @param numImages what the weights are divided by, which spares a division of the whole gradient */
function denoisingTask(schedule: Schedule, { x0, eps, timesteps }: NoisyBatch, numImages = 1) {
  const mixing = mixingAt(schedule, timesteps);
  return {
    mixing,
    xT: qSample(x0, eps, mixing),
    target: OBJECTIVE_FORMULAS[schedule.objective].target({ x0, eps, mixing }),
    weights: gather(schedule.lossWeights, timesteps, numImages),
  };
}
