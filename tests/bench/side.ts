/** One side of the benchmark, fused or stock, in a browser or in Node. */
import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE, type RunConfig } from "../../src/config/hyperparameters.ts";
import { type PresetName, presetConfig } from "../../src/config/presets.ts";
import { gather, mixingAt, qSample } from "../../src/diffusion/forward.ts";
import { targetOf } from "../../src/diffusion/objective.ts";
import { byName, splitParameters } from "../../src/nn/parameters.ts";
import { diffusionLoss } from "../../src/ops/diffusionLoss.ts";
import { drawsOfStep } from "../../src/train/draws.ts";
import { denoiserOf, lossAndGradient, scheduleOf } from "../../src/train/gradient.ts";
import { imageTensor, NUM_PIXELS } from "../../src/train/images.ts";
import { applyGradient, initialState } from "../../src/train/trainState.ts";
import { Counters, type Counts } from "./counters.ts";

export interface StepFigures extends Counts {
  /** From the call until the loss is there. */
  stepMs: number;
  /** Until the call returned: what JavaScript took. */
  jsMs: number;
}

export interface Side {
  trainStep(): Promise<StepFigures>;
  /** A forward pass of so many digits. */
  forward(numDigits: number): Promise<number>;
  /** Of a product of two 512 x 512 matrices. */
  matmulGflops(): Promise<number>;
}

export interface SideOptions {
  preset: PresetName;
  batchSize: number;
  /** Stock: TensorFlow.js' own gradients and `tf.train.adam`, over compositions of its operations. */
  isStock: boolean;
}

/** The backend is set. */
export function benchSide({ preset, batchSize, isStock }: SideOptions): Side {
  const config: RunConfig = { ...presetConfig(preset), batchSize };
  const counters = new Counters();
  const step = isStock ? stockStep(config) : fusedStep(config);
  const denoiser = denoiserOf(config, null);
  const parameters = byName(
    denoiser.unet.parameters,
    splitParameters(denoiser.unet.parameters, denoiser.values),
  );
  return {
    async trainStep() {
      counters.take();
      const startMs = performance.now();
      const loss = step();
      const jsMs = performance.now() - startMs;
      await loss.data();
      const stepMs = performance.now() - startMs;
      loss.dispose();
      return { stepMs, jsMs, ...counters.take() };
    },
    async forward(numDigits) {
      const x = tf.zeros<tf.Rank.R4>([numDigits, IMAGE_SIZE, IMAGE_SIZE, 1]);
      const timesteps = new Int32Array(numDigits).fill(config.timesteps - 1);
      const startMs = performance.now();
      const output = tf.tidy(() => denoiser.unet.forward(parameters, { x, timesteps }));
      await output.data();
      tf.dispose([x, output]);
      return performance.now() - startMs;
    },
    async matmulGflops() {
      const size = 512;
      const [a, b] = [tf.ones([size, size]), tf.ones([size, size])];
      const startMs = performance.now();
      const product = tf.matMul(a, b);
      await product.data();
      const ms = performance.now() - startMs;
      tf.dispose([a, b, product]);
      return (2 * size ** 3) / ms / 1e6;
    },
  };
}

/** As the training session does it. */
function fusedStep(config: RunConfig): () => tf.Tensor {
  const { unet } = denoiserOf(config, null);
  const state = initialState(unet, config, null);
  const schedule = scheduleOf(config);
  return () => {
    const batch = batchOf(config, state.step);
    const { lossSum, gradient } = lossAndGradient({ unet, schedule, values: state.values }, batch);
    const mean = tf.div<tf.Tensor1D>(gradient, config.batchSize);
    applyGradient(state, mean, config).dispose();
    tf.dispose([batch.x0, batch.eps, gradient, mean]);
    return lossSum;
  };
}

function stockStep(config: RunConfig): () => tf.Tensor {
  const { unet, values } = denoiserOf(config, null);
  const variables = tf.tidy(() =>
    splitParameters(unet.parameters, values).map((value) => tf.variable(value)),
  );
  const schedule = scheduleOf(config);
  const optimizer = tf.train.adam(config.learningRate);
  let step = 0;
  return () => {
    const { x0, eps, timesteps } = batchOf(config, step++);
    const loss = optimizer.minimize(
      () => {
        const mixing = mixingAt(schedule, timesteps);
        const prediction = unet.forward(byName(unet.parameters, variables), {
          x: qSample(x0, eps, mixing),
          timesteps,
        });
        const target = targetOf(schedule.objective, { x0, eps, mixing });
        return diffusionLoss(prediction, target, gather(schedule.lossWeights, timesteps));
      },
      true,
      variables,
    );
    tf.dispose([x0, eps]);
    return loss as tf.Scalar;
  };
}

/** Images of grey: what is on them takes no less time. */
function batchOf(config: RunConfig, index: number) {
  const { noise, timesteps } = drawsOfStep(config, index, config.batchSize);
  const x0 = imageTensor(new Float32Array(config.batchSize * NUM_PIXELS));
  return { x0, eps: noise(0, config.batchSize), timesteps };
}
