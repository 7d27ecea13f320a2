import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { mixingAt, qSample } from "../../../src/diffusion/forward.ts";
import { noisedMidpoint } from "../../../src/diffusion/interpolation.ts";
import { ancestralStep } from "../../../src/diffusion/samplers/ancestral.ts";
import { decodeSafetensors } from "../../../src/formats/safetensors.ts";
import { byName } from "../../../src/nn/parameters.ts";
import { fromStateDict } from "../../../src/nn/stateDict.ts";
import { createUnet } from "../../../src/nn/unet.ts";
import { splitParameters } from "../../../src/ops/parameterVector.ts";
import { relativeError } from "../../relativeError.ts";
import { sigmoidSchedule } from "../../sigmoidSchedule.ts";
import { fixtureWeights } from "../nn/fixtureWeights.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** `GaussianDiffusion.interpolate` of the original, and every draw of noise it made. */
function reference() {
  const path = new URL("../../fixtures/interpolation.safetensors", import.meta.url);
  const { tensors, metadata } = decodeSafetensors(readFileSync(fileURLToPath(path)));
  const image = (name: string, index = 0) => {
    const values = tensors.get(name)?.values as Float32Array;
    return tf.tensor4d(values.slice(784 * index, 784 * (index + 1)), [1, 28, 28, 1]);
  };
  return { image, t: Number(metadata.t), share: Number(metadata.lambda) };
}

describe("interpolation between two images", () => {
  it("is the original's, number for number", async () => {
    const { image, t, share } = reference();
    const { weights, config } = fixtureWeights("unet-tiny");
    const unet = createUnet(config);
    const values = tf.tensor1d(fromStateDict(unet.parameters, weights));
    const p = byName(unet.parameters, splitParameters(unet.parameters, values));
    const schedule = sigmoidSchedule(50);

    let x = noisedMidpoint({
      schedule,
      pair: [image("first"), image("second")],
      eps: [image("draws", 0), image("draws", 1)],
      t,
      shares: [share],
    });
    for (let i = t - 1; i >= 0; i--) {
      const noise = i > 0 ? image("draws", 1 + t - i) : null;
      const model = (at: tf.Tensor4D, timesteps: Int32Array) =>
        unet.forward(p, { x: at, timesteps });
      ({ x } = ancestralStep({ model, schedule, x, before: null, t: i, noise }));
    }
    const expected = await image("interpolated").data();
    expect(relativeError(await x.data(), expected)).toBeLessThan(1e-4);
  });

  it("is drawn with fresh noise in every step but the last", () => {
    const x = tf.zeros<tf.Rank.R4>([1, 4, 4, 1]);
    const at = { model: () => x, schedule: sigmoidSchedule(50), x, before: null, noise: null };
    expect(() => ancestralStep({ ...at, t: 1 })).toThrow("needs fresh noise at t = 1");
    expect(() => ancestralStep({ ...at, t: 0 })).not.toThrow();
  });

  it("begins with the noised images themselves at either end, and their mean in the middle", async () => {
    const schedule = sigmoidSchedule(1000);
    const pair = [tf.fill([1, 4, 4, 1], -1), tf.fill([1, 4, 4, 1], 1)] as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const eps = [1, 2].map((seed) => tf.randomNormal([1, 4, 4, 1], 0, 1, "float32", seed)) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const t = 400;
    const between = noisedMidpoint({ schedule, pair, eps, t, shares: [0, 0.5, 1] });
    const [first, second] = [0, 1].map((i) =>
      qSample(pair[i] as tf.Tensor4D, eps[i] as tf.Tensor4D, mixingAt(schedule, [t])),
    ) as [tf.Tensor4D, tf.Tensor4D];
    const mean = tf.div(tf.add(first, second), 2);
    const expected = await tf.concat([first, mean as tf.Tensor4D, second]).data();
    expect(relativeError(await between.data(), expected)).toBeLessThan(1e-6);
  });
});
