import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../config/hyperparameters.ts";
import { distillationTarget, type StudentStep, studentSteps } from "../diffusion/distillation.ts";
import { gather, mixingAt, qSample } from "../diffusion/forward.ts";
import type { Model } from "../diffusion/model.ts";
import { OBJECTIVE_FORMULAS, predictNoise } from "../diffusion/objectiveFormulas.ts";
import { flowedFrom } from "../diffusion/reflow.ts";
import { createSchedule, type Schedule } from "../diffusion/schedule.ts";
import { ARCHITECTURES } from "../nn/architectures.ts";
import type { NeuralNetwork } from "../nn/network.ts";
import { createNetwork } from "../nn/networks.ts";
import { byName, initialValues, type Parameters } from "../nn/parameters.ts";
import type { DropoutMask } from "../nn/resnetBlock.ts";
import { diffusionLoss, lossPerImage } from "../ops/diffusionLoss.ts";
import { joinGradients, splitParameters } from "../ops/parameterVector.ts";
import { vjp } from "../ops/tape.ts";
import { guidedModel } from "./guidedModel.ts";

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

/** What a student learns from. */
export interface Teacher {
  /** Parameters of the same network, `[P]`. */
  values: tf.Tensor1D;
  /** To do two steps in one (`diffusion/distillation.ts`), or to flow straight to where the teacher flows (`diffusion/reflow.ts`). */
  teaches: "halving" | "reflow";
  /** Sampling steps of the student, where the teacher takes twice as many; in reflow of the teacher. */
  numSteps: number;
  /** Guidance of the teacher, which its student then needs no second pass for (Meng et al. 2023). No effect without classes. */
  guidance: number;
}

/** A network, its parameters in one tensor `[P]`, and the schedule. */
export interface Denoiser {
  network: NeuralNetwork;
  values: tf.Tensor1D;
  schedule: Schedule;
  /** Null where the network learns from images alone. */
  teacher?: Teacher | null;
}

/**
 * The network of a configuration. The caller disposes its `values`, and those of the teacher.
 *
 * @param values `[P]`; null for the initial weights of the seed
 * @param teacher its values, `[P]`
 */
export function denoiserOf(
  config: RunConfig,
  values: Float32Array | null,
  teacher: (Omit<Teacher, "values"> & { values: Float32Array }) | null = null,
): Denoiser {
  const network = createNetwork(config);
  return {
    network,
    values: tf.tensor1d(values ?? initialValues(network.parameters, config.seed)),
    schedule: scheduleOf(config),
    teacher: teacher && { ...teacher, values: tf.tensor1d(teacher.values) },
  };
}

/** How a run mixes what it denoises with noise. */
export function scheduleOf(config: RunConfig): Schedule {
  return createSchedule({ ...config, bound: ARCHITECTURES[config.architecture].bound });
}

/** The mean loss of a batch, or a pass' part of it, and the gradient, `[P]`. */
export type LossAndGradient = { loss: tf.Scalar; gradient: tf.Tensor1D };

/**
 * One forward-backward pass. The caller disposes the result.
 *
 * @param options.numImages in the whole batch, of which these may be a part
 */
export function lossAndGradient(
  denoiser: Denoiser,
  batch: NoisyBatch,
  options: Partial<Regularization> & { numImages?: number } = {},
): LossAndGradient {
  const { selfConditions = false, dropout, numImages = batch.timesteps.length } = options;
  return tf.tidy(() => {
    const { network, values, schedule } = denoiser;
    const { xT, timesteps, mixing, target, weights } = denoisingTask(denoiser, batch, numImages);
    const parts = splitParameters(network.parameters, values);
    const p = byName(network.parameters, parts);
    const { labels = null } = batch;
    const x0Before = selfConditions
      ? tf.tidy(() => {
          const prediction = network.forward(p, { x: xT, timesteps, dropout, labels });
          return OBJECTIVE_FORMULAS[schedule.objective].predictStart({ xT, prediction, mixing });
        })
      : null;
    const inputs = { x: xT, timesteps, x0Before, dropout, labels };
    const { value: prediction, pullback } = vjp(() => network.forward(p, inputs), parts);
    const { loss, slope } = diffusionLoss(prediction, target, weights);
    return { loss, gradient: joinGradients(network.parameters, pullback(slope)) };
  });
}

/** The loss of each image, `[B]`, without gradient. */
export function imageLosses(denoiser: Denoiser, batch: NoisyBatch): tf.Tensor1D {
  return tf.tidy(() => {
    const { network, values } = denoiser;
    const { xT: x, timesteps, target, weights } = denoisingTask(denoiser, batch);
    const inputs = { x, timesteps, labels: batch.labels ?? null };
    return lossPerImage(network.forward(parametersOf(network, values), inputs), target, weights);
  });
}

/** The parameters of a network by name, as `NeuralNetwork.forward` takes them. */
export function parametersOf(network: NeuralNetwork, values: tf.Tensor1D): Parameters {
  return byName(network.parameters, splitParameters(network.parameters, values));
}

/** @param numImages what the weights are divided by, which spares a division of the whole gradient */
function denoisingTask({ network, schedule, teacher }: Denoiser, batch: NoisyBatch, numImages = 1) {
  const { eps, labels = null } = batch;
  const taughtBy = teacher && teacherModel(network, teacher, labels);
  const x0 =
    taughtBy && teacher.teaches === "reflow"
      ? flowedFrom({ model: taughtBy, schedule, eps, numSteps: teacher.numSteps })
      : batch.x0;
  const steps = teacher?.teaches === "halving" ? stepsAt(batch.timesteps, schedule, teacher) : null;
  const timesteps = steps ? Int32Array.from(steps, ([start]) => start) : batch.timesteps;
  const mixing = mixingAt(schedule, timesteps);
  const xT = qSample(x0, eps, mixing);
  const { target } = OBJECTIVE_FORMULAS[schedule.objective];
  const weights = gather(schedule.lossWeights, timesteps, { divisor: numImages });
  if (!taughtBy || !steps) {
    return { xT, timesteps, mixing, target: target({ x0, eps, mixing }), weights };
  }
  const taught = distillationTarget({ teacher: taughtBy, schedule, x: xT, steps });
  const toLearn = target({ x0: taught, eps: predictNoise(xT, taught, mixing), mixing });
  return { xT, timesteps, mixing, target: toLearn, weights };
}

function teacherModel(
  network: NeuralNetwork,
  { values, guidance }: Teacher,
  labels: tf.Tensor2D | null,
): Model {
  const condition =
    labels && ({ rows: labels, guidance, numPasses: guidance === 1 ? 1 : 2 } as const);
  return guidedModel(network, parametersOf(network, values), condition);
}

/** The student's step of each timestep, `[B]`: each has an equal part of [0, T). */
function stepsAt(
  timesteps: Int32Array,
  { numTimesteps }: Schedule,
  { numSteps }: Teacher,
): StudentStep[] {
  const steps = studentSteps(numTimesteps, numSteps);
  return Array.from(
    timesteps,
    (t) => steps[Math.floor((t * numSteps) / numTimesteps)] as StudentStep,
  );
}
