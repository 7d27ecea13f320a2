import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { ancestralStep } from "../../src/diffusion/ancestral.ts";
import { ddimStep, ddimTimesteps } from "../../src/diffusion/ddim.ts";
import { mixingAt, qSample } from "../../src/diffusion/forward.ts";
import type { Model } from "../../src/diffusion/model.ts";
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
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
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
  const numValues = numImages * 784;

  it("noises images as the original", async () => {
    const batch = batchOf(reference, "");
    const xT = qSample(batch.x0, batch.eps, mixingAt(schedule, batch.timesteps));
    expect(relativeError(await xT.data(), reference.get("x_t").values)).toBeLessThan(OUTPUT_BOUND);
  });

  it.each(["v", "noise", "x0"] as const)(
    "gives the original's loss for the objective %s, image by image",
    async (objective) => {
      const of = { ...denoiser("weight"), schedule: sigmoidSchedule(1000, objective) };
      const losses = await imageLosses(of, batchOf(reference, "")).data();
      const expected = reference.get(`loss_per_sample.pred_${objective}`).values;
      expect(relativeError(losses, expected)).toBeLessThan(OUTPUT_BOUND);
    },
  );

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
    const out = unet.forward(parametersOf(unet, trained.values), {
      x: imagesOf(reference, "noise"),
      timesteps: timestepsOf(reference, "timesteps"),
    });
    const expected = reference.get("trained_unet_out").values;
    expect(relativeError(await out.data(), expected)).toBeLessThan(OUTPUT_BOUND);
  });

  it.each([
    ["ddim", 0],
    ["ddim_eta1", 1],
  ] as const)("denoises along the original's trajectory %s, frame by frame", async (name, eta) => {
    const draws = reference.get(`${name}.draws`).values as Float32Array;
    const drawAt = (i: number) => imageTensor(draws.slice(i * numValues, (i + 1) * numValues));
    let x = drawAt(0);
    const frames = [await x.data()];
    const times = ddimTimesteps(1000, 10);
    for (let i = 0; i < 10; i++) {
      const [t, tNext] = times.slice(i) as [number, number];
      const noise = tNext < 0 ? null : drawAt(i + 1);
      x = ddimStep({ model: model(), schedule, x, x0Before: null, t, tNext, eta, noise }).x;
      frames.push(await x.data());
    }
    const expected = reference.get(`${name}.trajectory`).values; // [B, 11, 1, 28, 28] in [0, 1]
    frames.forEach((frame, i) => {
      const ours = Array.from(frame, (value) => (value + 1) / 2);
      const theirs = Array.from({ length: numImages }, (_, b) =>
        Array.from(expected.slice((b * 11 + i) * 784, (b * 11 + i + 1) * 784)),
      ).flat();
      expect(relativeError(ours, theirs), `frame ${i}`).toBeLessThan(OUTPUT_BOUND);
    });
  });

  it("takes the original's ancestral step", async () => {
    const of = (name: string) => imagesOf(reference, `ancestral.${name}`);
    const at = { model: model(), schedule, x: of("x_t"), x0Before: null, t: 500 };
    const { x, x0 } = ancestralStep({ ...at, noise: of("noise") });
    for (const [ours, theirs] of [
      [x, of("x_prev")],
      [x0, of("x_start")],
    ] as const) {
      expect(relativeError(await ours.data(), await theirs.data())).toBeLessThan(OUTPUT_BOUND);
    }
  });

  function model(): Model {
    const parameters = parametersOf(unet, denoiser("weight").values);
    return (x, timesteps) => unet.forward(parameters, { x, timesteps });
  }

  function imageTensor(values: Float32Array): tf.Tensor4D {
    return tf.tensor4d(values, [numImages, 28, 28, 1]);
  }

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

function batchOf(reference: Reference, prefix: string): NoisyBatch {
  const images = imagesOf(reference, `${prefix}images`);
  return {
    x0: tf.sub(tf.mul(images, 2), 1),
    eps: imagesOf(reference, `${prefix}noise`),
    timesteps: timestepsOf(reference, `${prefix}timesteps`),
  };
}
