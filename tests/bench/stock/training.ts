/** Runs whole training steps and DDIM steps, ours and those of stock TensorFlow.js. */
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import * as tf from "@tensorflow/tfjs-core";
import { NUM_PIXELS, type RunConfig } from "../../../src/engine/config/hyperparameters.ts";
import { gather, mixingAt, qSample } from "../../../src/engine/diffusion/forward.ts";
import { OBJECTIVE_FORMULAS } from "../../../src/engine/diffusion/objectiveFormulas.ts";
import { ddimStep } from "../../../src/engine/diffusion/samplers/ddim.ts";
import { createSchedule } from "../../../src/engine/diffusion/schedule.ts";
import { evenTimesteps } from "../../../src/engine/diffusion/spacings.ts";
import { labelRows } from "../../../src/engine/nn/embedding.ts";
import { byName } from "../../../src/engine/nn/parameters.ts";
import { diffusionLoss } from "../../../src/engine/ops/diffusionLoss.ts";
import { splitParameters } from "../../../src/engine/ops/parameterVector.ts";
import { blackSession } from "../../../src/engine/train/blackSession.ts";
import { drawsOfStep } from "../../../src/engine/train/draws.ts";
import { denoiserOf } from "../../../src/engine/train/gradient.ts";
import { imageTensor } from "../../../src/engine/train/images.ts";
import { asStock } from "./asStock.ts";
import type { SideName } from "./figures.ts";

export interface StepTimes {
  /** From the call until the loss has been read. */
  stepMs: number;
  /** Until the call returned, which is the part of JavaScript. */
  jsMs: number;
}

export interface Trainer {
  /** One optimizer step; `loss` is the mean over the batch. */
  step(): Promise<StepTimes & { loss: number }>;
  dispose(): void;
}

async function timed<T>(call: () => Promise<T>): Promise<StepTimes & { result: T }> {
  const startMs = performance.now();
  const promise = call();
  const jsMs = performance.now() - startMs;
  const result = await promise;
  return { stepMs: performance.now() - startMs, jsMs, result };
}

/** The app's own training session, on black images. */
export function fusedTrainer(config: RunConfig, numSteps: number): Trainer {
  const microBatchSize = config.batchSize;
  // Each step is timed on its own.
  const { session, step } = blackSession({ config, numSteps, microBatchSize, stepsAhead: 0 });
  return {
    async step() {
      const { result, ...times } = await timed(step);
      return { ...times, loss: result.loss };
    },
    dispose: () => session.dispose(),
  };
}

/** Trains the network, by the loss that a run has, with `tf.train.adam`. */
export function stockTrainer(config: RunConfig): Trainer {
  const { network, values } = denoiserOf(config, null);
  const variables = tf.tidy(() =>
    splitParameters(network.parameters, values).map((value) => tf.variable(value)),
  );
  values.dispose();
  const schedule = createSchedule(config);
  const optimizer = tf.train.adam(config.learningRate);
  let numSteps = 0;

  const minimize = () => {
    const { batchSize } = config;
    const { noise, timesteps, seenLabels } = drawsOfStep(config, numSteps++, batchSize);
    const x0 = imageTensor(new Float32Array(batchSize * NUM_PIXELS).fill(-1));
    const eps = noise(0, batchSize);
    const { classes } = network;
    // Those of black images are all 0.
    const seen = seenLabels(0, new Uint8Array(batchSize));
    const labels = classes > 0 ? labelRows(seen, classes) : null;
    const lossOf = () => {
      const mixing = mixingAt(schedule, timesteps);
      const x = qSample(x0, eps, mixing);
      const prediction = network.forward(byName(network.parameters, variables), {
        x,
        timesteps,
        labels,
      });
      const target = OBJECTIVE_FORMULAS[schedule.objective].target({ x0, eps, mixing });
      return diffusionLoss(prediction, target, gather(schedule.lossWeights, timesteps)).loss;
    };
    try {
      return optimizer.minimize(lossOf, true, variables) as tf.Scalar;
    } finally {
      tf.dispose([x0, eps, ...(labels ? [labels] : [])]);
    }
  };
  return {
    async step() {
      const { result, ...times } = await timed(() => read(asStock(minimize)));
      return { ...times, loss: (result[0] as number) / config.batchSize };
    },
    dispose() {
      tf.dispose(variables);
      optimizer.dispose();
    },
  };
}

/** Waits for a tensor's values, and so for all work given to the device before. Disposes it. */
export async function read(tensor: tf.Tensor): Promise<ArrayLike<number>> {
  try {
    return await tensor.data<"float32">();
  } finally {
    tensor.dispose();
  }
}

/** The first DDIM step of `count` images, from pure noise. */
export function ddimDenoiser(config: RunConfig, count: number) {
  const { network, schedule, values } = denoiserOf(config, null);
  const weights = tf.tidy(() => splitParameters(network.parameters, values));
  values.dispose();
  const parameters = byName(network.parameters, weights);
  const x = drawsOfStep(config, 0, count).noise(0, count);
  const [t, tNext] = evenTimesteps(config.timesteps, config.samplingTimesteps) as [number, number];

  const denoise = () => {
    const step = ddimStep({
      model: (images, timesteps, x0Before) =>
        network.forward(parameters, { x: images, timesteps, x0Before }),
      schedule,
      x,
      before: null,
      t,
      tNext,
      eta: 0,
      noise: null,
    });
    step.x0.dispose();
    return step.x;
  };
  return {
    /** @returns milliseconds until the step's images have been read */
    async step(side: SideName): Promise<number> {
      const { stepMs } = await timed(() => read(side === "stock" ? asStock(denoise) : denoise()));
      return stepMs;
    },
    dispose: () => tf.dispose([x, ...weights]),
  };
}
