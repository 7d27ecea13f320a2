import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { ObjectiveId } from "../../src/engine/diffusion/objectives.ts";
import { numElements } from "../../src/engine/nn/parameters.ts";
import { DigitSampler } from "../../src/engine/train/digitSampler.ts";
import {
  type Denoiser,
  lossAndGradient,
  type NoisyBatch,
} from "../../src/engine/train/gradient.ts";
import { relativeError } from "../relativeError.ts";
import { sigmoidSchedule } from "../sigmoidSchedule.ts";
import {
  imagesOf,
  integersOf,
  parseReference,
  type Reference,
  referenceParameters,
  referenceUnet,
} from "./reference.ts";

let reference: Reference;
let denoiser: Denoiser;

/**
 * The original's numbers for a network that sees an estimate of the finished image: `p_losses` of
 * two images when it makes that estimate, its gradient, and DDIM in 5 steps of T = 1000 from the
 * noise that a `DigitSampler` draws for seed 0.
 */
beforeAll(async () => {
  await tf.setBackend("wasm");
  const path = new URL("../fixtures/self-condition.safetensors", import.meta.url);
  reference = parseReference("self-condition", readFileSync(fileURLToPath(path)));
  const network = referenceUnet(reference);
  const values = tf.tensor1d(referenceParameters(reference, network, "weight"));
  denoiser = { network, values, schedule: sigmoidSchedule(1000) };
});

function trainingPass({ selfConditions = true, objective = "v" as ObjectiveId } = {}) {
  const batch: NoisyBatch = {
    x0: tf.sub(tf.mul(imagesOf(reference, "images"), 2), 1),
    eps: imagesOf(reference, "noise"),
    timesteps: integersOf(reference, "timesteps"),
  };
  const schedule = sigmoidSchedule(1000, objective);
  return lossAndGradient({ ...denoiser, schedule }, batch, { selfConditions });
}

async function meanLoss(changes: Parameters<typeof trainingPass>[0]): Promise<number[]> {
  return [...(await trainingPass(changes).loss.data())];
}

describe("a network that is given its own first estimate of the images", () => {
  it.each([
    ["v", "loss"],
    ["noise", "loss.pred_noise"],
    ["x0", "loss.pred_x0"],
  ] as const)("has the original's loss when it predicts %s", async (objective, quantity) => {
    const expected = reference.get(quantity).values;
    expect(relativeError(await meanLoss({ objective }), expected)).toBeLessThan(1e-5);
    const without = await meanLoss({ objective, selfConditions: false });
    expect(relativeError(without, expected)).toBeGreaterThan(1e-3);
  });

  it("has the original's gradient, none of it through the estimate", async () => {
    const { network } = denoiser;
    const gradient = await trainingPass().gradient.data();
    const expected = referenceParameters(reference, network, "grad");
    let offset = 0;
    for (const { name, shape } of network.parameters) {
      const end = offset + numElements(shape);
      const [ours, theirs] = [gradient.slice(offset, end), expected.subarray(offset, end)];
      expect(relativeError(ours, theirs), name).toBeLessThan(1e-3);
      offset = end;
    }
  });

  it("draws the original's digits, each step with the image predicted before", async () => {
    const { values: trajectory } = reference.get("ddim.trajectory"); // [2, 6, 1, 28, 28] in [0, 1]
    const sampler = new DigitSampler({
      denoiser,
      count: 2,
      seed: 0,
      chunkSize: 2,
      start: { from: "noise" },
      sampler: { kind: "ddim", timesteps: 5, eta: 0 },
    });
    while (!sampler.isDone) {
      const { index, pixels } = await sampler.nextFrame();
      const theirs = [0, 1].flatMap((image) => {
        const start = (6 * image + index) * 784;
        return Array.from(trajectory.slice(start, start + 784));
      });
      const expected = Uint8ClampedArray.from(theirs, (value) => value * 255);
      const differences = Array.from(pixels, (value, i) => Math.abs(value - (expected[i] ?? 0)));
      expect(Math.max(...differences), `frame ${index}`).toBeLessThanOrEqual(1);
    }
    sampler.dispose();
  });
});
