import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { ddimStep, ddimTimesteps } from "../../src/diffusion/ddim.ts";
import { mixingAt, qSample } from "../../src/diffusion/forward.ts";
import { sigmoidSchedule } from "../../src/diffusion/schedule.ts";
import { numElements } from "../../src/nn/parameters.ts";
import { adamWStep } from "../../src/optim/adamw.ts";
import { globalNorm } from "../../src/optim/clip.ts";
import {
  type Denoiser,
  imageLosses,
  lossAndGradient,
  type NoisyBatch,
  parametersOf,
} from "../../src/train/gradient.ts";
import { relativeError } from "../relativeError.ts";
import {
  imagesOf,
  type Reference,
  readReference,
  referenceParameters,
  referenceUnet,
  timestepsOf,
} from "./reference.ts";

/** Outputs, losses and trajectories; float32 sums in another order move them by less. */
const OUTPUT_BOUND = 1e-4;
/** Each gradient and each trained parameter tensor. */
const PARAMETER_BOUND = 1e-3;

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe.each(["unet-tiny", "unet-three-level"])("%s", (file) => {
  const reference = readReference(file);
  const unet = referenceUnet(reference);
  const schedule = sigmoidSchedule(1000);
  const denoiser = (prefix: string): Denoiser => ({
    unet,
    schedule,
    values: tf.tensor1d(referenceParameters(reference, unet, prefix)),
  });
  const numImages = timestepsOf(reference, "timesteps").length;

  it("noises images as the original", async () => {
    const batch = batchOf(reference, "");
    const xT = qSample(batch.x0, batch.eps, mixingAt(schedule, batch.timesteps));
    expect(relativeError(await xT.data(), reference.get("x_t").values)).toBeLessThan(OUTPUT_BOUND);
  });

  it("gives the original's loss, image by image", async () => {
    const losses = await imageLosses(denoiser("weight"), batchOf(reference, "")).data();
    const expected = reference.get("loss_per_sample.pred_v").values;
    expect(relativeError(losses, expected)).toBeLessThan(OUTPUT_BOUND);
  });

  it("gives the original's gradient of every parameter", async () => {
    const { lossSum, gradient } = lossAndGradient(denoiser("weight"), batchOf(reference, ""));
    const mean = tf.div(gradient, numImages) as tf.Tensor1D;
    const loss = (await lossSum.data()).map((sum) => sum / numImages);
    expect(relativeError(loss, reference.get("loss").values)).toBeLessThan(OUTPUT_BOUND);
    const norm = await globalNorm(mean).data();
    expect(relativeError(norm, reference.get("grad_norm").values)).toBeLessThan(PARAMETER_BOUND);
    expect(worstParameter(await mean.data(), "grad").error).toBeLessThan(PARAMETER_BOUND);
  });

  it("takes five AdamW steps to the original's parameters", async () => {
    const trained = denoiser("weight");
    let moments = { mean: tf.zerosLike(trained.values), square: tf.zerosLike(trained.values) };
    const losses: number[] = [];
    for (let step = 1; step <= 5; step++) {
      const batch = batchOf(reference, `train.${step - 1}.`);
      const { lossSum, gradient } = lossAndGradient(trained, batch);
      losses.push(((await lossSum.data())[0] as number) / numImages);
      const next = adamWStep(
        { values: trained.values, gradient: tf.div(gradient, numImages), moments, step },
        { learningRate: 4e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 },
      );
      trained.values = next.values;
      moments = next.moments;
    }
    expect(relativeError(losses, reference.get("train.losses").values)).toBeLessThan(OUTPUT_BOUND);
    expect(worstParameter(await trained.values.data(), "trained").error).toBeLessThan(
      PARAMETER_BOUND,
    );
    const out = unet.forward(
      parametersOf(unet, trained.values),
      imagesOf(reference, "noise"),
      timestepsOf(reference, "timesteps"),
    );
    const expected = reference.get("trained_unet_out").values;
    expect(relativeError(await out.data(), expected)).toBeLessThan(OUTPUT_BOUND);
  });

  it("denoises along the original's DDIM trajectory, frame by frame", async () => {
    const { values } = denoiser("weight");
    const parameters = parametersOf(unet, values);
    const draws = reference.get("ddim.draws").values as Float32Array;
    const numValues = numImages * 784;
    let x = tf.tensor4d(draws.slice(0, numValues), [numImages, 28, 28, 1]);
    const frames = [await x.data()];
    const times = ddimTimesteps(1000, 10);
    for (let i = 0; i < 10; i++) {
      const step = { t: times[i] as number, tNext: times[i + 1] as number };
      x = ddimStep((image, t) => unet.forward(parameters, image, t), schedule, x, step);
      frames.push(await x.data());
    }
    const expected = reference.get("ddim.trajectory").values; // [B, 11, 1, 28, 28] in [0, 1]
    frames.forEach((frame, i) => {
      const ours = Array.from(frame, (value) => (value + 1) / 2);
      const theirs = Array.from({ length: numImages }, (_, b) =>
        Array.from(expected.slice((b * 11 + i) * 784, (b * 11 + i + 1) * 784)),
      ).flat();
      expect(relativeError(ours, theirs), `frame ${i}`).toBeLessThan(OUTPUT_BOUND);
    });
  });

  /** The parameter that is furthest from `<prefix>.<name>` of the file. */
  function worstParameter(flat: ArrayLike<number>, prefix: string) {
    const expected = referenceParameters(reference, unet, prefix);
    const actual = Float32Array.from(flat);
    let worst = { name: "", error: -1 };
    let offset = 0;
    for (const { name, shape } of unet.parameters) {
      const end = offset + numElements(shape);
      const error = relativeError(actual.subarray(offset, end), expected.subarray(offset, end));
      if (!(error <= worst.error)) worst = { name, error };
      offset = end;
    }
    return worst;
  }
});

describe.each([50, 1000])("the sigmoid schedule with T = %i", (numTimesteps) => {
  it("is the original's", () => {
    const reference = readReference(`schedule-sigmoid-${numTimesteps}`);
    const schedule = sigmoidSchedule(numTimesteps);
    for (const [ours, name] of [
      [schedule.betas, "betas"],
      [schedule.alphaBars, "alphas_cumprod"],
      [schedule.lossWeights, "loss_weight.pred_v.plain"],
    ] as const) {
      reference.get(name).values.forEach((expected, t) => {
        const bound = Math.max(1e-5 * Math.abs(expected), expected < 1e-2 ? 1e-7 : 0);
        expect(Math.abs((ours[t] as number) - expected), `${name}[${t}]`).toBeLessThan(bound);
      });
    }
  });
});

function batchOf(reference: Reference, prefix: string): NoisyBatch {
  const images = imagesOf(reference, `${prefix}images`);
  return {
    x0: tf.sub(tf.mul(images, 2), 1),
    eps: imagesOf(reference, `${prefix}noise`),
    timesteps: timestepsOf(reference, `${prefix}timesteps`),
  };
}
