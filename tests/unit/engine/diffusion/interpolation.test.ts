import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { noisedMidpoints } from "../../../../src/engine/diffusion/noising.ts";
import { ancestralStep } from "../../../../src/engine/diffusion/samplers/ancestral.ts";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { byName } from "../../../../src/engine/nn/parameters.ts";
import { fromStateDict } from "../../../../src/engine/nn/stateDict.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { splitParameters } from "../../../../src/engine/ops/parameterVector.ts";
import { relativeError } from "../../../relativeError.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";
import { fixtureWeights } from "../nn/fixtureWeights.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** `GaussianDiffusion.interpolate` of the original, and every draw of noise it made. */
function reference() {
  const path = new URL("../../../fixtures/interpolation.safetensors", import.meta.url);
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

    const joined = (...images: tf.Tensor4D[]) =>
      Float32Array.from(images.flatMap((of) => [...of.dataSync()]));
    const between = noisedMidpoints(schedule, {
      x0: joined(image("first"), image("second")),
      eps: joined(image("draws", 0), image("draws", 1)),
      t,
      shares: [share],
    });
    let x = tf.tensor4d(between, [1, 28, 28, 1]);
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
});
